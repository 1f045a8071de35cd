using ModelPack.Container;
using ModelPack.Container.Parts;
using ModelPack.Formats;
using ModelPack.Pipeline.Bases;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Recovery;

/// <summary>
/// A container that may be damaged or incomplete: finds its files and blocks, from the index where that is sound and frame by
/// frame where it is not, and restores what can be restored.
/// </summary>
internal sealed class ContainerRecovery : IDisposable
{
    /// <summary>Restored bytes from the start of a file that are looked at for its tensors' names when there is no index.</summary>
    private const int HeadLength = 1 << 24;

    private readonly ByteSource _source;
    private readonly PartSet? _parts;
    private readonly ContainerFeatures _features;
    private readonly Dictionary<long, FoundBlock> _byOrdinal = [];
    private BaseFiles? _bases;

    private ContainerRecovery(string path)
    {
        _parts = PartSet.Find(path);
        _source = _parts?.Open() ?? ByteSource.OpenFile(path);
        try
        {
            // The container owns no source of its own here: both are closed together.
            var container = ContainerFile.Open(new LeftOpen(_source));
            HasIndex = true;
            Content = container.Content;
            _features = container.Features;
            Base = container.Index.Base;
            Files = [.. container.Index.Files.Select(MakeFile)];
            Entries = [.. container.Index.Entries.Where(static entry => entry.Kind != EntryKind.File).Select(static entry => entry.Start)];
            CheckFrames(container.Index.Entries.Select(MakeFile));
        }
        catch (Exception exception) when (exception is ModelPackException or EndOfStreamException)
        {
            IndexFault = exception as ModelPackException;
            HasIndex = false;
        }
    }

    public bool HasIndex { get; private set; }

    /// <summary>Why there is no index.</summary>
    public ModelPackException? IndexFault { get; }

    public bool IsCut { get; private set; }

    public ContainerContent Content { get; private set; }

    public Container.Wire.BaseModel? Base { get; private set; }

    public List<FoundFile> Files { get; private set; } = [];

    /// <summary>Folders and links.</summary>
    public List<Container.Wire.FileStart> Entries { get; private set; } = [];

    /// <summary>Damage that belongs to no file.</summary>
    public List<FrameGap> Outside { get; private set; } = [];

    public string Name => _source.Name;

    public long PresentLength => _source is JoinedSource joined ? joined.AvailableLength : _source.Length;

    /// <summary>Bytes of the whole container; -1 when that is not known.</summary>
    public long ContainerLength => HasIndex || _parts?.Manifest is not null ? _source.Length : -1;

    /// <summary>Number of parts; 0 for one file.</summary>
    public int PartCount => _parts?.Paths.Count ?? 0;

    public IReadOnlyList<PartFault> PartFaults => _parts?.Faults ?? [];

    /// <summary>Opens a container, whatever its state.</summary>
    /// <exception cref="ModelPackException">There is something else than a container.</exception>
    public static ContainerRecovery Open(string path, CancellationToken cancellationToken)
    {
        var recovery = new ContainerRecovery(path);
        try
        {
            if (!recovery.HasIndex)
            {
                recovery.Scan(cancellationToken);
            }

            foreach (FoundBlock block in recovery.Files.SelectMany(static file => file.Blocks))
            {
                recovery._byOrdinal[block.Ordinal] = block;
            }

            return recovery;
        }
        catch
        {
            recovery.Dispose();
            throw;
        }
    }

    /// <summary>Where a byte of the container lies.</summary>
    public (string File, long Offset) Locate(long offset) => _source.Locate(offset);

    /// <summary>
    /// Where a damaged frame has its damage: of a frame that lies in several parts, in the first whose SHA-256 does not match.
    /// </summary>
    /// <param name="fault">What was found.</param>
    /// <param name="offset">Where the frame starts in the container.</param>
    /// <param name="length">Bytes of the frame.</param>
    /// <returns>The file on disk, where in it, and the bytes of the frame; 0 where they are not all in that file.</returns>
    public (string File, long Offset, long Length) PlaceOf(ModelPackException fault, long offset, long length)
    {
        (string file, long at) = _source.Locate(offset);
        if (fault.FileName is { } damaged && damaged != file)
        {
            return (damaged, fault.Offset ?? 0, 0);
        }

        (string last, _) = _source.Locate(Math.Min(offset + Math.Max(1, length), _source.Length) - 1);
        if (last == file)
        {
            return (file, at, length);
        }

        string found = _parts?.FindDamaged(file, last) ?? file;
        return (found, found == file ? at : 0, 0);
    }

    /// <summary>Looks at the frames of all blocks, and restores them when asked to; fills in their faults.</summary>
    public void Check(DiagnoseOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.ReadBlocks && Base is { } record)
        {
            _bases ??= BaseFiles.Open(record, options.Base, OrderedWorkers<object>.ThreadCount(options.Threads), cancellationToken);
        }

        (FoundFile File, FoundBlock Block)[] blocks = [.. Files.SelectMany(static file => file.Blocks.Select(block => (file, block)))];
        long total = blocks.Sum(static entry => (long)entry.Block.Length);
        if (options.ReadBlocks)
        {
            CheckExpansion(options.MaxExpansion);
        }

        long done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = OrderedWorkers<object>.ThreadCount(options.Threads), CancellationToken = cancellationToken };
        var reports = new object();
        Parallel.For(
            0,
            blocks.Length,
            parallel,
            () => new BlockRestorer(this),
            (index, _, restorer) =>
            {
                (FoundFile file, FoundBlock block) = blocks[index];
                block.Fault ??= restorer.FindFault(block, options.ReadBlocks);
                lock (reports)
                {
                    done += block.Length;
                    progress?.Report(new ModelPackProgress(done, total, file.Start.Path));
                }

                return restorer;
            },
            static _ => { });
        if (!HasIndex && options.ReadBlocks)
        {
            Files.ForEach(NameTensors);
        }
    }

    /// <summary>Counts the gaps before blocks as well: they are filled with zeros.</summary>
    private void CheckExpansion(long? factor)
    {
        Int128 restored = 0;
        foreach (FoundFile file in Files)
        {
            restored += Int128.Max(
                file.Blocks.Select(static block => block.Start < 0 ? 0 : (Int128)block.Start + block.Length).DefaultIfEmpty().Max(),
                file.Blocks.Aggregate((Int128)0, static (sum, block) => sum + block.Length));
        }

        try
        {
            new ExpansionLimit(factor).Check(restored, PresentLength + (_bases?.TotalLength ?? 0));
        }
        catch (ModelPackException exception)
        {
            throw exception.At(Name, 0);
        }
    }

    /// <summary>Restores blocks one after the other. For one thread.</summary>
    public BlockRestorer CreateRestorer() => new(this);

    public void Dispose()
    {
        _bases?.Dispose();
        _source.Dispose();
    }

    private FoundFile MakeFile(IndexedFile indexed)
    {
        // A file's own frame stands right before its blocks.
        var file = new FoundFile(indexed.Entry.Start)
        {
            End = indexed.Entry.End,
            FrameOffset = (long)indexed.Entry.BlocksOffset - FrameHeader.Length - indexed.Entry.Start.CalculateSize(),
            Ordinal = (long)indexed.Entry.FirstFrame,
        };
        for (int block = 0; block < indexed.BlockCount; block++)
        {
            file.Blocks.Add(new FoundBlock(indexed.BlockOrdinal(block), indexed.BlockOffset(block), indexed.BlockPackedLength(block), (int)(indexed.BlockStart(block + 1) - indexed.BlockStart(block)))
            {
                Start = indexed.BlockStart(block),
            });
        }

        file.SetTensors([.. indexed.Tensors.Select(static tensor => tensor.Name)], TensorRanges(indexed));
        return file;
    }

    private static IEnumerable<(long Offset, long Length, int Tensor)> TensorRanges(IndexedFile indexed)
    {
        long offset = 0;
        for (int segment = 0; segment < indexed.Entry.SegmentLengths.Count; segment++)
        {
            long length = (long)indexed.Entry.SegmentLengths[segment];
            if (indexed.Entry.SegmentOwners[segment] is > 0 and uint owner)
            {
                yield return (offset, length, (int)owner - 1);
            }

            offset += length;
        }
    }

    /// <summary>Looks at the frames between the blocks. What they hold is in the index as well, so nothing is lost with them.</summary>
    private void CheckFrames(IEnumerable<FoundFile> entries)
    {
        foreach (FoundFile file in entries)
        {
            CheckFrame(file.FrameOffset, file.Ordinal, FrameKind.File);
            FoundBlock? last = file.Blocks.LastOrDefault();
            long end = last is null ? file.FrameOffset + FrameHeader.Length + file.Start.CalculateSize() : last.FrameOffset + last.FrameLength;
            CheckFrame(end, file.Ordinal + 1 + file.Blocks.Count, FrameKind.FileEnd);
        }
    }

    private void CheckFrame(long offset, long ordinal, FrameKind kind)
    {
        try
        {
            Span<byte> header = stackalloc byte[FrameHeader.Length];
            _source.ReadExactly(offset, header);
            var frame = FrameHeader.Read(header, ordinal, offset, _features);
            byte[] payload = new byte[frame.Kind == kind ? frame.PayloadLength : 0];
            _source.ReadExactly(offset + FrameHeader.Length, payload);
            frame.CheckPayload(payload, ordinal, offset);
        }
        catch (Exception exception) when (exception is ModelPackException or EndOfStreamException)
        {
            ModelPackException fault = exception as ModelPackException ?? new ModelPackException(ModelPackError.Corrupt, exception.Message, offset: offset);
            Outside.Add(new FrameGap(0, ordinal, 1, offset, FrameHeader.Length, fault.In(_source, 0)));
        }
    }

    private void Scan(CancellationToken cancellationToken)
    {
        var scan = FrameScan.Run(_source, cancellationToken);
        if (scan.Files.Count == 0 && IndexFault is not null && scan.Outside is [{ Offset: 0, Fault.Error: ModelPackError.Unsupported }, ..])
        {
            throw IndexFault;
        }

        Content = scan.Content;
        Base = scan.Base;
        IsCut = scan.IsCut;
        Files = scan.Files;
        Entries = scan.Entries;
        Outside = scan.Outside;
    }

    /// <summary>Names the tensors of a file without an index, as far as its own header tells them.</summary>
    private void NameTensors(FoundFile file)
    {
        using var head = new MemoryStream();
        BlockRestorer restorer = CreateRestorer();
        foreach (FoundBlock block in file.Blocks.TakeWhile(static block => block.Fault is null))
        {
            if (block.Start != head.Length || head.Length + block.Length > HeadLength)
            {
                break;
            }

            head.Write(restorer.Restore(block));
        }

        try
        {
            using var start = new StartOfFile(head.ToArray(), file.Length, file.Start.Path);
            file.SetTensors(FormatDetector.Detect(start, FormatDetector.Readers, strict: true, CancellationToken.None).Map);
        }
        catch (Exception exception) when (exception is ModelPackException or EndOfStreamException)
        {
            // Not a format that tells its tensors at the start, or that part is lost.
        }
    }

    /// <summary>Restores blocks with buffers of one thread.</summary>
    internal sealed class BlockRestorer(ContainerRecovery recovery)
    {
        private readonly BlockDecoder _decoder = new(recovery._bases);
        private byte[] _payload = [];
        private byte[] _original = [];

        /// <summary>Says why a block cannot be restored; null when it can.</summary>
        public ModelPackException? FindFault(FoundBlock block, bool reads)
        {
            try
            {
                if (reads)
                {
                    Restore(block);
                }
                else
                {
                    ReadHeader(block);
                    byte[] last = new byte[1];
                    recovery._source.ReadExactly(block.FrameOffset + block.FrameLength - 1, last);
                }

                return null;
            }
            catch (ModelPackException exception)
            {
                return exception.In(recovery._source, block.FrameOffset);
            }
            catch (EndOfStreamException exception)
            {
                return new ModelPackException(ModelPackError.Corrupt, exception.Message, offset: block.FrameOffset).In(recovery._source, 0);
            }
        }

        /// <summary>The original bytes of a block. Valid until the next call.</summary>
        /// <exception cref="ModelPackException">It cannot be restored.</exception>
        public ReadOnlySpan<byte> Restore(FoundBlock block)
        {
            FrameHeader frame = ReadHeader(block);
            long payloadOffset = block.FrameOffset + FrameHeader.Length;
            FrameHeader source = frame;
            if (frame.Form == BlockForm.Repeat)
            {
                (source, payloadOffset) = FindRepeated(block, frame, payloadOffset);
            }

            Buffers.Reserve(ref _payload, source.PayloadLength);
            Buffers.Reserve(ref _original, frame.RestoredLength);
            Span<byte> payload = _payload.AsSpan(0, source.PayloadLength);
            Span<byte> original = _original.AsSpan(0, frame.RestoredLength);
            recovery._source.ReadExactly(payloadOffset, payload);
            try
            {
                _decoder.Decode(payload, source.Form, original, frame.Checksum);
            }
            catch (ModelPackException exception) when (exception.FileName is null)
            {
                throw exception.In(recovery._source, payloadOffset);
            }

            return original;
        }

        private FrameHeader ReadHeader(FoundBlock block)
        {
            Span<byte> header = stackalloc byte[FrameHeader.Length];
            recovery._source.ReadExactly(block.FrameOffset, header);
            FrameHeader frame;
            try
            {
                frame = FrameHeader.Read(header, block.Ordinal, block.FrameOffset, AllFeatures);
                if (frame.Kind != FrameKind.Block || frame.FrameLength != block.FrameLength || frame.RestoredLength != block.Length)
                {
                    ContainerThrow.Corrupt("the frame is not the block that the index describes", block.FrameOffset);
                }
            }
            catch (ModelPackException exception)
            {
                throw exception.In(recovery._source, 0);
            }

            return frame;
        }

        private (FrameHeader Frame, long Offset) FindRepeated(FoundBlock block, FrameHeader frame, long payloadOffset)
        {
            byte[] reference = new byte[Math.Min(frame.PayloadLength, RepeatReference.MaxLength)];
            recovery._source.ReadExactly(payloadOffset, reference);
            try
            {
                long target = RepeatReference.Read(reference, block.Ordinal);
                if (!recovery._byOrdinal.TryGetValue(target, out FoundBlock? kept))
                {
                    ContainerThrow.Corrupt($"the block repeats frame {target}, which is damaged or missing");
                }

                FrameHeader keptFrame = ReadHeader(kept);
                RepeatReference.Check(frame, block.Ordinal, keptFrame, target, 0);
                return (keptFrame, kept.FrameOffset + FrameHeader.Length);
            }
            catch (ModelPackException exception) when (exception.FileName is null)
            {
                throw exception.In(recovery._source, payloadOffset);
            }
        }
    }

    private const ContainerFeatures AllFeatures = ContainerFeatures.Repeats | ContainerFeatures.Base | ContainerFeatures.Tree;

    /// <summary>A source that somebody else closes.</summary>
    private sealed class LeftOpen(ByteSource inner) : ByteSource
    {
        public override string Name => inner.Name;

        public override long Length => inner.Length;

        public override (string Name, long Offset) Locate(long offset) => inner.Locate(offset);

        public override void ReadExactly(long offset, Span<byte> destination) => inner.ReadExactly(offset, destination);
    }

    /// <summary>A file of which the first bytes alone are there.</summary>
    private sealed class StartOfFile(byte[] start, long length, string name) : ByteSource
    {
        public override string Name => name;

        public override long Length => length;

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            if (offset < 0 || offset > start.Length - destination.Length)
            {
                throw new EndOfStreamException($"{name}: only the first {start.Length} bytes are there");
            }

            start.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
