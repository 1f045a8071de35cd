using System.Security.Cryptography;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Formats;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Files → segments → planes → coded blocks → container. <see cref="UnpackPipeline"/> is the mirror.</summary>
internal sealed class PackPipeline : OrderedWorkers<PackPipeline.Slot>, IDisposable
{
    private readonly PackInput _input;
    private readonly PackOptions _options;
    private readonly IProgress<ModelPackProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly ContainerWriter _writer;
    private readonly WorkerPool<BlockEncoder> _encoders;
    private readonly IncrementalHash? _sha256;
    private readonly List<FileSummary> _summaries = [];
    private readonly List<ModelPackWarning> _warnings;
    private readonly long _totalLength;
    private readonly List<FileInWork> _open = [];
    private int _nextFile;
    private FileInWork? _producing;
    private long _originalLength;

    private PackPipeline(PackInput input, Stream target, PackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        _input = input;
        _options = options;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _totalLength = input.TotalLength;
        _warnings = [.. input.Warnings];
        ChooserPolicy policy = PolicyOf(options);
        _encoders = new WorkerPool<BlockEncoder>(() => new BlockEncoder(policy));
        _sha256 = options.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _writer = new ContainerWriter(target, input.Content);
    }

    internal enum ItemKind
    {
        BeginFile,
        Block,
        EndFile,
    }

    /// <summary>Packs the input into the target, which is left open.</summary>
    public static PackResult Run(PackInput input, Stream target, PackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using var pipeline = new PackPipeline(input, target, options, progress, cancellationToken);
        pipeline.Run(ThreadCount(options.Threads), cancellationToken);
        pipeline._writer.Finish();
        return new PackResult(pipeline._originalLength, pipeline._writer.Position, pipeline._summaries, pipeline._warnings);
    }

    public void Dispose()
    {
        _open.ForEach(static file => file.Dispose());
        _sha256?.Dispose();
    }

    protected override Slot CreateSlot() => new();

    protected override bool Produce(Slot slot)
    {
        if (_producing is null)
        {
            if (_nextFile == _input.Files.Count)
            {
                return false;
            }

            _producing = Open(_input.Files[_nextFile++]);
            slot.Set(ItemKind.BeginFile, _producing);
        }
        else if (_producing.Planner.Next(slot.Plan))
        {
            slot.Set(ItemKind.Block, _producing);
        }
        else
        {
            slot.Set(ItemKind.EndFile, _producing);
            _producing = null;
        }

        return true;
    }

    protected override void Work(Slot slot)
    {
        if (slot.Kind != ItemKind.Block)
        {
            return;
        }

        if (!slot.File.Source.TryGet(slot.Plan.Offset, slot.Plan.Length, out ReadOnlyMemory<byte> original))
        {
            Buffers.Reserve(ref slot.Buffer, slot.Plan.Length);
            slot.File.Source.ReadExactly(slot.Plan.Offset, slot.Buffer.AsSpan(0, slot.Plan.Length));
            original = slot.Buffer.AsMemory(0, slot.Plan.Length);
        }

        slot.Original = original;
        BlockEncoder encoder = _encoders.Rent();
        slot.Encoded = encoder.Encode(original.Span, slot.Plan, slot.Directory, ref slot.Frame);
        _encoders.Return(encoder);
    }

    protected override void Consume(Slot slot)
    {
        switch (slot.Kind)
        {
            case ItemKind.BeginFile:
                _writer.BeginFile(slot.File.Start, slot.File.Tally.Entries, slot.File.Map.Segments.Select(static s => (s.Length, s.TensorIndex)));
                slot.File.FirstByte = _writer.Position;
                break;
            case ItemKind.Block:
                ConsumeBlock(slot);
                break;
            default:
                EndFile(slot.File);
                break;
        }
    }

    private static ChooserPolicy PolicyOf(PackOptions options) => options.Level switch
    {
        PackLevel.Fast => new ChooserPolicy(DictionaryTrial.Never, LeastSaving: 50, (CoderId?)options.ForcedCoder, ContextTrial.Never),
        PackLevel.Max => new ChooserPolicy(DictionaryTrial.Always, LeastSaving: 0, (CoderId?)options.ForcedCoder, ContextTrial.Always),
        _ => new ChooserPolicy(DictionaryTrial.WhenPromising, LeastSaving: 100, (CoderId?)options.ForcedCoder, ContextTrial.OfIntegers),
    };

    private FileInWork Open(PackInputFile file)
    {
        DateTime stamp = file.Stamp();
        ByteSource source = file.Open();
        try
        {
            DetectedFormat detected = FormatDetector.Detect(source, FormatDetector.Readers, _options.Strict, _cancellationToken);
            if (detected.Warning is { } warning)
            {
                _warnings.Add(new ModelPackWarning(source.Name, $"{warning.Reason}; packed as opaque bytes", warning.Offset));
            }

            var opened = new FileInWork(file, source, detected.Map, stamp, _options);
            lock (_open)
            {
                _open.Add(opened);
            }

            return opened;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private void ConsumeBlock(Slot slot)
    {
        EncodedBlock block = slot.Encoded;
        _sha256?.AppendData(slot.Original.Span);
        slot.File.Tally.AddBlock(slot.Plan, slot.Directory, block.Length);
        _writer.WriteBlock(slot.Frame.AsSpan(block.Start, block.Length), slot.Plan.Length, block.Checksum);
        _originalLength += slot.Plan.Length;
        _progress?.Report(new ModelPackProgress(_originalLength, _totalLength, slot.File.File.Path));
    }

    private void EndFile(FileInWork file)
    {
        file.CheckUnchanged();
        file.Tally.Finish();
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        sha256 = sha256[..(_sha256?.GetHashAndReset(sha256) ?? 0)];
        long packed = _writer.Position - file.FirstByte;
        FileEntry entry = _writer.EndFile(sha256);
        _summaries.Add(new FileSummary(
            file.File.Path, file.Map.Format, file.Map.FileLength, packed, file.Map.Tensors.Length, sha256.IsEmpty ? null : Convert.ToHexStringLower(entry.End.Sha256.Span)));
        lock (_open)
        {
            _open.Remove(file);
        }

        file.Dispose();
    }

    /// <summary>A file between its first and last block.</summary>
    internal sealed class FileInWork(PackInputFile file, ByteSource source, SegmentMap map, DateTime stamp, PackOptions options) : IDisposable
    {
        public PackInputFile File => file;

        public ByteSource Source => source;

        public SegmentMap Map => map;

        public BlockPlanner Planner { get; } = new(map, PolicyOf(options).TriesContexts);

        public TensorTally Tally { get; } = new(map.Tensors);

        public FileStart Start { get; } = new() { Path = file.Path, Length = (ulong)map.FileLength, Format = (uint)map.Format, HasSha256 = options.Sha256 };

        /// <summary>Where the file's blocks start in the container.</summary>
        public long FirstByte { get; set; }

        public void CheckUnchanged()
        {
            if (source.CurrentLength != map.FileLength || file.Stamp() != stamp)
            {
                throw new IOException($"{source.Name}: was changed while it was packed");
            }
        }

        public void Dispose() => source.Dispose();
    }

    internal sealed class Slot
    {
        /// <summary>For original bytes that are not in memory already.</summary>
        public byte[] Buffer = [];

        /// <summary>The block's frame.</summary>
        public byte[] Frame = [];

        public ItemKind Kind { get; private set; }

        public FileInWork File { get; private set; } = null!;

        public BlockPlan Plan { get; } = new();

        public BlockDirectory Directory { get; } = new();

        /// <summary>The block's original bytes.</summary>
        public ReadOnlyMemory<byte> Original { get; set; }

        public EncodedBlock Encoded { get; set; }

        public void Set(ItemKind kind, FileInWork file)
        {
            Kind = kind;
            File = file;
        }
    }
}
