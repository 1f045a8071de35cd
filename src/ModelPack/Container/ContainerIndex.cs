using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.Collections;
using ModelPack.Container.Wire;

namespace ModelPack.Container;

/// <summary>One file of a container as its index describes it; every number has been checked against the others.</summary>
internal sealed class IndexedFile
{
    private readonly FileEntry _entry;
    private readonly long _indexOffset;
    private readonly long[] _blockOffsets;
    private readonly long[] _blockStarts;
    private TensorRangeTable? _tensorRanges;

    /// <param name="entry">The entry as read.</param>
    /// <param name="content">What the container restores to.</param>
    /// <param name="features">Its required features.</param>
    /// <param name="indexOffset">Offset of the index frame, behind all blocks.</param>
    /// <exception cref="ModelPackException">The entry contradicts itself or the container.</exception>
    public IndexedFile(FileEntry entry, ContainerContent content, ContainerFeatures features, long indexOffset)
    {
        _entry = entry;
        _indexOffset = indexOffset;
        if (entry.Start is null || entry.End is null || entry.BlockLengths.Count != entry.BlockPackedLengths.Count
            || entry.SegmentLengths.Count != entry.SegmentOwners.Count)
        {
            throw Fault("is incomplete");
        }

        if (EntryRules.FindFault(entry.Start, content, features) is { } fault)
        {
            throw Fault(fault);
        }

        if (entry.Start.Format > (uint)ModelFormat.Onnx || entry.End.Sha256.Length != (entry.Start.HasSha256 ? 32 : 0))
        {
            throw Fault($"has format {entry.Start.Format} and a SHA-256 of {entry.End.Sha256.Length} bytes");
        }

        _blockOffsets = Accumulate(entry.BlockPackedLengths, (long)entry.BlocksOffset, indexOffset, FrameHeader.Length + 1, FrameHeader.Length + ContainerLimits.MaxBlockPayloadLength);
        _blockStarts = Accumulate(entry.BlockLengths, 0, long.MaxValue, 1, ContainerLimits.MaxBlockLength);
        if (_blockStarts[^1] != Length)
        {
            throw Fault($"has {Length} bytes, its blocks {_blockStarts[^1]}");
        }

        CheckSegments();
        if (Kind != EntryKind.File && entry.Tensors.Count > 0)
        {
            throw Fault("has tensors, but is no file");
        }

        Tensors = [.. entry.Tensors.Select(MakeTensor)];
    }

    public string Path => _entry.Start.Path;

    public EntryKind Kind => (EntryKind)_entry.Start.Kind;

    public FileStart Start => _entry.Start;

    public ModelFormat Format => PackedFormat.FromWire(_entry.Start.Format, hasTensors: _entry.Tensors.Count > 0);

    /// <summary>True for the file that was to be packed, where the others came along because it refers to them.</summary>
    public bool IsLeading => _entry.IsLeading;

    public long Length => (long)_entry.Start.Length;

    public ulong Checksum => _entry.End.Checksum;

    /// <summary>SHA-256 of the original in lower-case hexadecimal, when recorded.</summary>
    public string? Sha256 => _entry.End.Sha256.IsEmpty ? null : Convert.ToHexStringLower(_entry.End.Sha256.Span);

    public int BlockCount => _entry.BlockLengths.Count;

    /// <summary>Bytes of all its blocks' frames.</summary>
    public long PackedLength => _blockOffsets[^1] - _blockOffsets[0];

    public ImmutableArray<TensorInfo> Tensors { get; }

    public FileEntry Entry => _entry;

    /// <summary>Ordinal of a block's frame in the container.</summary>
    public long BlockOrdinal(int block) => (long)_entry.FirstFrame + 1 + block;

    /// <summary>Offset of a block's frame in the container.</summary>
    public long BlockOffset(int block) => _blockOffsets[block];

    /// <summary>Bytes of a block's frame.</summary>
    public int BlockPackedLength(int block) => (int)(_blockOffsets[block + 1] - _blockOffsets[block]);

    /// <summary>Where the block's bytes start in the original file; for <see cref="BlockCount"/>, the file's length.</summary>
    public long BlockStart(int block) => _blockStarts[block];

    /// <summary>The block that restores the byte at this offset of the original file.</summary>
    public int FindBlock(long offset)
    {
        int found = Array.BinarySearch(_blockStarts, offset);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The ranges of the original file that hold a tensor's bytes, in file order.</summary>
    public ReadOnlyMemory<TensorRange> TensorRanges(int tensor) =>
        LazyInitializer.EnsureInitialized(ref _tensorRanges, () => new TensorRangeTable(_entry.SegmentLengths, _entry.SegmentOwners, _entry.Tensors.Count)).Of(tensor);

    private void CheckSegments()
    {
        ulong left = _entry.Start.Length;
        for (int segment = 0; segment < _entry.SegmentLengths.Count; segment++)
        {
            ulong length = _entry.SegmentLengths[segment];
            if (length == 0 || length > left || _entry.SegmentOwners[segment] > _entry.Tensors.Count)
            {
                throw Fault($"has segment {segment} of {length} bytes where {left} are left, owned by tensor {_entry.SegmentOwners[segment]} of {_entry.Tensors.Count}");
            }

            left -= length;
        }

        if (left != 0)
        {
            throw Fault($"has {left} bytes outside its segments");
        }
    }

    private TensorInfo MakeTensor(TensorEntry tensor)
    {
        if (tensor.Dtype == 0 || tensor.Dtype >= DtypeFacts.Count || tensor.Encoding > (uint)TensorEncoding.Varint
            || tensor.PlaneCoders.Length != tensor.PlanePackedLengths.Count)
        {
            throw Fault($"has tensor '{tensor.Name}' of dtype {tensor.Dtype} and encoding {tensor.Encoding}, which this program does not know");
        }

        return new TensorInfo(tensor.Name, (Dtype)tensor.Dtype, [.. tensor.Shape], (TensorEncoding)tensor.Encoding);
    }

    private long[] Accumulate(RepeatedField<uint> lengths, long start, long limit, int least, int most)
    {
        long[] sums = new long[lengths.Count + 1];
        sums[0] = start;
        for (int i = 0; i < lengths.Count; i++)
        {
            if (lengths[i] < least || lengths[i] > most || start < 0 || lengths[i] > limit - start)
            {
                throw Fault($"has block {i} of {lengths[i]} bytes from offset {start}");
            }

            start += lengths[i];
            sums[i + 1] = start;
        }

        return sums;
    }

    private ModelPackException Fault(string reason) =>
        new(ModelPackError.Corrupt, $"the index entry of file '{_entry.Start?.Path}' {reason}", offset: _indexOffset);
}

/// <summary>The index of a container (FORMAT.md, "Index").</summary>
internal sealed class ContainerIndex
{
    private ContainerIndex(ImmutableArray<IndexedFile> entries, Wire.BaseModel? baseModel)
    {
        Entries = entries;
        Files = entries.All(static entry => entry.Kind == EntryKind.File) ? entries : [.. entries.Where(static entry => entry.Kind == EntryKind.File)];
        Base = baseModel;
    }

    /// <summary>Files, folders and links, in container order.</summary>
    public ImmutableArray<IndexedFile> Entries { get; }

    /// <summary>The files alone.</summary>
    public ImmutableArray<IndexedFile> Files { get; }

    /// <summary>The base model that is needed to restore the container; null when there is none.</summary>
    public Wire.BaseModel? Base { get; }

    /// <summary>Finds the block with this frame; false when the frame is of another kind, or not there.</summary>
    public bool TryFindBlock(long ordinal, [NotNullWhen(true)] out IndexedFile? file, out int block)
    {
        int low = 0;
        int high = Files.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = Files[middle].BlockOrdinal(0) <= ordinal ? (middle, high) : (low, middle - 1);
        }

        file = Files.IsEmpty ? null : Files[low];
        long found = ordinal - (file?.BlockOrdinal(0) ?? 0);
        block = (int)found;
        return file is not null && found >= 0 && found < file.BlockCount;
    }

    /// <param name="payload">Payload of the index frame, its checksum already checked.</param>
    /// <param name="content">What the container restores to.</param>
    /// <param name="trailer">The container's trailer.</param>
    /// <param name="features">The container's features.</param>
    /// <exception cref="ModelPackException">The index is not a sound message or contradicts the container.</exception>
    public static ContainerIndex Parse(ReadOnlySpan<byte> payload, ContainerContent content, ContainerTrailer trailer, ContainerFeatures features)
    {
        Wire.Index index;
        try
        {
            index = Wire.Index.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the index is not a sound message: {exception.Message}", offset: trailer.IndexOffset, innerException: exception);
        }

        if (content == ContainerContent.File && index.Files.Count != 1)
        {
            ContainerThrow.Corrupt($"the index of a container of one file has {index.Files.Count} entries", trailer.IndexOffset);
        }

        bool needsBase = (features & ContainerFeatures.Base) != 0;
        if (needsBase != index.Base is not null || (index.Base is not null && BaseRecord.FindFault(index.Base) is not null))
        {
            ContainerThrow.Corrupt("the index describes no sound base where the header announces one, or one where it announces none", trailer.IndexOffset);
        }

        ImmutableArray<IndexedFile> files = [.. index.Files.Select(entry => new IndexedFile(entry, content, features, trailer.IndexOffset))];
        long frame = needsBase ? 1 : 0;
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (IndexedFile file in files)
        {
            if (file.Entry.FirstFrame != (ulong)frame || !paths.Add(file.Path))
            {
                ContainerThrow.Corrupt($"the index places file '{file.Path}' at frame {file.Entry.FirstFrame}, where {frame} is next, or lists it twice", trailer.IndexOffset);
            }

            // A "file" frame, its blocks and a "file end" frame.
            frame += file.BlockCount + 2;
        }

        ExternalRecord.Check(files, content, trailer.IndexOffset);
        if (frame != trailer.FrameCount - 1)
        {
            ContainerThrow.Corrupt($"the index accounts for {frame} frames, the trailer for {trailer.FrameCount - 1}", trailer.IndexOffset);
        }

        if ((features & ContainerFeatures.Tree) != 0 && EntryTree.FindFault([.. files.Select(static file => file.Start)]) is { } treeFault)
        {
            ContainerThrow.Corrupt(treeFault, trailer.IndexOffset);
        }

        return new ContainerIndex(files, index.Base);
    }
}
