using ModelPack.Container.Parts;
using ModelPack.Primitives;

namespace ModelPack.Container;

/// <summary>A container that can be read at any offset. Safe to use from several threads at once.</summary>
internal sealed class ContainerFile : IDisposable
{
    private readonly ByteSource _source;
    private readonly ContainerFeatures _features;

    private ContainerFile(ByteSource source)
    {
        _source = source;
        Span<byte> header = stackalloc byte[ContainerHeader.Length];
        header = header[..(int)Math.Min(header.Length, source.Length)];
        source.ReadExactly(0, header);
        (Content, _features) = ContainerHeader.Read(header);
        if (source.Length < ContainerHeader.Length + FrameHeader.Length + ContainerTrailer.Length)
        {
            ContainerThrow.Truncated("the smallest container", ContainerHeader.Length + FrameHeader.Length + ContainerTrailer.Length, source.Length, source.Length);
        }

        Span<byte> trailerBytes = stackalloc byte[ContainerTrailer.Length];
        long trailerOffset = source.Length - ContainerTrailer.Length;
        source.ReadExactly(trailerOffset, trailerBytes);
        ContainerTrailer trailer = ContainerTrailer.Read(trailerBytes, trailerOffset);
        FrameHeader frame = ReadFrameHeader(trailer.IndexOffset, trailer.FrameCount - 1);
        if (frame.Kind != FrameKind.Index || trailer.IndexOffset + frame.FrameLength != trailerOffset)
        {
            ContainerThrow.Corrupt($"the index frame is of kind {frame.Kind} and ends at offset {trailer.IndexOffset + frame.FrameLength}, the trailer starts at {trailerOffset}", trailer.IndexOffset);
        }

        byte[] payload = new byte[frame.PayloadLength];
        source.ReadExactly(trailer.IndexOffset + FrameHeader.Length, payload);
        frame.CheckPayload(payload, trailer.FrameCount - 1, trailer.IndexOffset);
        Index = ContainerIndex.Parse(payload, Content, trailer, _features);
    }

    public string Name => _source.Name;

    public long Length => _source.Length;

    public ContainerContent Content { get; }

    public ContainerFeatures Features => _features;

    public ContainerIndex Index { get; }

    /// <summary>Opens a container for reading at any offset.</summary>
    /// <exception cref="ModelPackException">The file is no container, is damaged, or needs a newer version.</exception>
    public static ContainerFile Open(string path) => Open(PackedPath.Open(path));

    /// <summary>Reads a container from a source, which the result then owns.</summary>
    /// <exception cref="ModelPackException">The source is no container, is damaged, or needs a newer version.</exception>
    public static ContainerFile Open(ByteSource source)
    {
        try
        {
            return new ContainerFile(source);
        }
        catch (ModelPackException exception)
        {
            source.Dispose();
            throw exception.In(source, 0);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens a container for reading front to back.</summary>
    /// <exception cref="ModelPackException">There is something else than a regular file at that path.</exception>
    public static Stream OpenSequential(string path) => PackedPath.OpenSequential(path);

    /// <summary>Fills in the place of trouble with data of the container.</summary>
    /// <param name="exception">The trouble.</param>
    /// <param name="offset">Where the data starts.</param>
    public ModelPackException Place(ModelPackException exception, long offset) => exception.In(_source, offset);

    /// <summary>Reads the header of a block's frame.</summary>
    /// <exception cref="ModelPackException">The header is damaged or not of the block that the index describes.</exception>
    public FrameHeader ReadBlockHeader(IndexedFile file, int block)
    {
        long offset = file.BlockOffset(block);
        FrameHeader frame = ReadFrameHeader(offset, file.BlockOrdinal(block));
        long length = file.BlockStart(block + 1) - file.BlockStart(block);
        if (frame.Kind != FrameKind.Block || frame.FrameLength != file.BlockPackedLength(block) || frame.RestoredLength != length)
        {
            ContainerThrow.Corrupt($"the frame is not block {block} of file '{file.Path}' as the index describes it", offset);
        }

        return frame;
    }

    /// <summary>Finds the payload that restores a block: its own, or that of the block it repeats.</summary>
    /// <param name="file">The file of the block.</param>
    /// <param name="block">The block.</param>
    /// <param name="frame">The block's own header.</param>
    /// <exception cref="ModelPackException">The block repeats what it cannot.</exception>
    public BlockPayload FindPayload(IndexedFile file, int block, FrameHeader frame)
    {
        var own = new BlockPayload(frame, file.BlockOffset(block) + FrameHeader.Length);
        if (frame.Form != BlockForm.Repeat)
        {
            return own;
        }

        if (frame.PayloadLength > RepeatReference.MaxLength)
        {
            ContainerThrow.Corrupt($"a block repeats another in a payload of {frame.PayloadLength} bytes", own.Offset);
        }

        Span<byte> reference = stackalloc byte[frame.PayloadLength];
        ReadPayload(own, reference);
        long ordinal = file.BlockOrdinal(block);
        long target;
        try
        {
            target = RepeatReference.Read(reference, ordinal);
        }
        catch (ModelPackException exception)
        {
            throw exception.Within(own.Offset);
        }

        if (!Index.TryFindBlock(target, out IndexedFile? targetFile, out int targetBlock))
        {
            RepeatReference.ThrowNotKept(ordinal, target, own.Offset);
        }

        FrameHeader kept = ReadBlockHeader(targetFile, targetBlock);
        RepeatReference.Check(frame, ordinal, kept, target, own.Offset);
        return new BlockPayload(kept, targetFile.BlockOffset(targetBlock) + FrameHeader.Length);
    }

    /// <summary>A payload that is in memory already, where the container is.</summary>
    public bool TryGetPayload(BlockPayload block, out ReadOnlyMemory<byte> payload) => _source.TryGet(block.Offset, block.Frame.PayloadLength, out payload);

    /// <summary>Reads a payload into exactly as many bytes as its header says.</summary>
    public void ReadPayload(BlockPayload block, Span<byte> payload) => _source.ReadExactly(block.Offset, payload);

    public void Dispose() => _source.Dispose();

    private FrameHeader ReadFrameHeader(long offset, long ordinal)
    {
        Span<byte> header = stackalloc byte[FrameHeader.Length];
        _source.ReadExactly(offset, header);
        return FrameHeader.Read(header, ordinal, offset, _features);
    }
}
