using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Formats;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.Folders;
using ModelPack.Pipeline.Hub;
using ModelPack.Pipeline.Targets;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Files → segments → planes → coded blocks → container. <see cref="UnpackPipeline"/> is the mirror.</summary>
internal sealed class PackPipeline : OrderedWorkers<PackPipeline.Slot>, IDisposable
{
    private readonly PackSurvey _survey;
    private readonly PackOptions _options;
    private readonly IReadOnlyList<FolderEntry> _entries;
    private readonly ContextTrial _contexts;
    private readonly IProgress<ModelPackProgress>? _progress;
    private readonly IPackObserver? _observer;
    private readonly ContainerWriter _writer;
    private readonly WorkerPool<BlockEncoder> _encoders;
    private readonly WorkerPool<DifferenceEncoder> _differenceEncoders;
    private readonly HashLine? _hashes;
    private readonly List<FileSummary> _summaries = [];
    private readonly List<ModelPackWarning> _warnings;
    private readonly long _totalLength;
    private readonly string? _leadingPath;
    private readonly List<FileInWork> _open = [];

    /// <summary>For each group of repeats, the block that was written.</summary>
    private readonly (long Ordinal, ulong Checksum)[] _kept;
    private int _nextFile;
    private FileInWork? _producing;
    private long _originalLength;

    /// <summary>What an earlier process has left of the container; null where nobody asked for it.</summary>
    private readonly EarlierBlocks? _earlier;
    private long _nextOrdinal;
    private long _reusedLength;

    private PackPipeline(
        PackInput input,
        Stream target,
        PackOptions options,
        PackStream? earlier,
        IPackObserver? observer,
        IProgress<ModelPackProgress>? progress,
        CancellationToken cancellationToken)
    {
        _options = options;
        _entries = [.. input.Entries.Where(entry => entry.IsNeeded || options.RecordsTimes)];
        _observer = observer;
        _progress = progress;
        _totalLength = input.TotalLength;
        _leadingPath = input.LeadingPath;
        _warnings = [.. input.Warnings];
        ChooserPolicy policy = PackPolicy.Of(options);
        _contexts = policy.TriesContexts;
        _encoders = new WorkerPool<BlockEncoder>(() => new BlockEncoder(policy));
        _survey = PackSurvey.Make(input, options, _warnings, cancellationToken);
        int threads = ThreadCount(options.Threads);
        _hashes = options.Sha256 || _survey.Files.Any(static file => file.Published is not null) ? new HashLine(threads == 1 ? 0 : 2 * threads) : null;
        _kept = new (long Ordinal, ulong Checksum)[_survey.RepeatGroups + 1];
        _differenceEncoders = new WorkerPool<DifferenceEncoder>(() => new DifferenceEncoder(policy, _survey.Bases!));
        ContainerFeatures features = _survey.RepeatGroups > 0 ? ContainerFeatures.Repeats : ContainerFeatures.None;
        features |= _survey.Bases is null ? ContainerFeatures.None : ContainerFeatures.Base;
        features |= _entries.Count == 0 ? ContainerFeatures.None : ContainerFeatures.Tree;
        earlier?.Begin(PackPlan.Hash(input, _survey, options));
        _earlier = earlier is null ? null : new EarlierBlocks(earlier, features);
        _nextOrdinal = _survey.BaseRecord is null ? 0 : 1;
        _writer = new ContainerWriter(target, input.Content, features);
        if (_survey.BaseRecord is { } record)
        {
            _writer.WriteBase(record);
        }
    }

    internal enum ItemKind
    {
        BeginFile,
        Block,
        EndFile,
    }

    /// <summary>Packs the input into the target, which is left open.</summary>
    public static PackResult Run(PackInput input, Stream target, PackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        Run(input, target, options, earlier: null, observer: null, progress, cancellationToken);

    /// <summary>Packs the input and has somebody see what becomes of it.</summary>
    public static PackResult Run(
        PackInput input, Stream target, PackOptions options, IPackObserver observer, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        Run(input, target, options, earlier: null, observer, progress, cancellationToken);

    /// <summary>Packs the input into a target that may hold the beginning of the same container already.</summary>
    public static PackResult Run(
        PackInput input, Stream target, PackOptions options, PackStream? earlier, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        Run(input, target, options, earlier, observer: null, progress, cancellationToken);

    private static PackResult Run(
        PackInput input,
        Stream target,
        PackOptions options,
        PackStream? earlier,
        IPackObserver? observer,
        IProgress<ModelPackProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var pipeline = new PackPipeline(input, target, options, earlier, observer, progress, cancellationToken);
        pipeline.Run(ThreadCount(options.Threads), cancellationToken);
        pipeline._survey.CheckUnchanged();
        pipeline.WriteEntries();
        pipeline._writer.Finish();
        pipeline.WarnOfExpansion();
        return new PackResult(pipeline._originalLength, pipeline._writer.Position, pipeline._summaries, pipeline._warnings)
        {
            Base = PackedFileView.MakeBase(pipeline._survey.BaseRecord),
            ReusedLength = pipeline._reusedLength,
        };
    }

    public void Dispose()
    {
        _open.ForEach(static file => file.Dispose());
        _survey.Dispose();
        _hashes?.Dispose();
    }

    protected override Slot CreateSlot() => new();

    protected override bool Produce(Slot slot)
    {
        if (_producing is null)
        {
            if (_nextFile == _survey.Files.Count)
            {
                return false;
            }

            _producing = Open(_survey.Files[_nextFile++]);
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

        slot.Ordinal = _nextOrdinal++;
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
        slot.IsReused = false;
        if (slot.Plan.Role.IsRepeat)
        {
            slot.Encoded = new EncodedBlock(0, 0, XxHash3.HashToUInt64(original.Span));
            return;
        }

        slot.IsReused = _earlier?.TryReuse(slot) == true;
        if (slot.IsReused)
        {
            return;
        }

        if (_survey.Bases is not null)
        {
            slot.File.Counterparts!.Describe(slot.Plan.Offset, slot.Plan.Length, slot.Reference);
            if (slot.Reference.HasAny)
            {
                DifferenceEncoder differences = _differenceEncoders.Rent();
                slot.Encoded = differences.Encode(original.Span, slot.Plan, slot.Reference, ref slot.Directory, ref slot.Frame, out slot.Form);
                _differenceEncoders.Return(differences);
                return;
            }
        }

        slot.Form = BlockForm.Coded;
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
                _hashes?.Begin(slot.File.NeedsSha256, slot.File.NeedsGitBlobSha1, slot.File.Map.FileLength);
                _observer?.OnFileBegin(slot.File.Surveyed, slot.File.Tally);
                break;
            case ItemKind.Block:
                ConsumeBlock(slot);
                break;
            default:
                EndFile(slot.File);
                break;
        }
    }

    private FileInWork Open(SurveyedFile file)
    {
        var opened = new FileInWork(file, _contexts, _options);
        lock (_open)
        {
            _open.Add(opened);
        }

        return opened;
    }

    private void ConsumeBlock(Slot slot)
    {
        EncodedBlock block = slot.Encoded;
        BlockRole role = slot.Plan.Role;
        if (role.IsRepeat)
        {
            (long ordinal, ulong checksum) = _kept[role.Group];
            if (block.Checksum != checksum)
            {
                throw SurveyedFile.Changed(slot.File.Source.Name);
            }

            int length = _writer.WriteRepeat(ordinal, slot.Plan.Length, block.Checksum);
            slot.File.Tally.AddRepeat(slot.Plan, length);
        }
        else
        {
            if (slot.Form == BlockForm.Difference)
            {
                slot.File.Tally.AddDifference(slot.Plan, block.Length);
            }
            else
            {
                slot.File.Tally.AddBlock(slot.Plan, slot.Directory, block.Length);
            }

            Span<byte> frame = slot.Frame.AsSpan(block.Start, block.Length);
            _kept[role.Group] = (_writer.WriteBlock(frame, slot.Plan.Length, block.Checksum, slot.Form, role.IsKept), block.Checksum);
        }

        if (slot.File.IsHashed)
        {
            _hashes!.Add(slot.Original, ref slot.Buffer);
        }

        _observer?.OnPacked(slot.Plan.Offset + slot.Plan.Length);
        _originalLength += slot.Plan.Length;
        _reusedLength += slot.IsReused ? slot.Plan.Length : 0;
        _progress?.Report(new ModelPackProgress(_originalLength, _totalLength, slot.File.File.Path));
    }

    private void EndFile(FileInWork file)
    {
        file.CheckUnchanged();
        file.Tally.Finish();
        (byte[] sha256, byte[] gitBlobSha1) = _hashes?.End() ?? ([], []);
        HubHash? hub = file.Published?.Check(file.NeedsGitBlobSha1 ? gitBlobSha1 : sha256, file.Source.Name, _options.Strict, _warnings);
        long packed = _writer.Position - file.FirstByte;
        FileEntry entry = _writer.EndFile(_options.Sha256 ? sha256 : []);
        _observer?.OnFileEnd(packed);
        entry.IsLeading = file.File.Path == _leadingPath;
        string? recorded = _options.Sha256 ? Convert.ToHexStringLower(sha256) : null;
        _summaries.Add(new FileSummary(file.File.Path, file.Map.Format, file.Map.FileLength, packed, file.Map.Tensors.Length, recorded) { Hub = hub });
        lock (_open)
        {
            _open.Remove(file);
        }

        file.Dispose();
    }

    private void WarnOfExpansion()
    {
        Int128 given = _writer.Position + (_survey.BaseRecord?.Files.Aggregate((Int128)0, static (sum, file) => sum + file.Length) ?? 0);
        if (!new ExpansionLimit(UnpackOptions.DefaultMaxExpansion).Allows(_originalLength, given))
        {
            string reason = $"takes so few bytes that to restore it must be asked for: --max-expansion {ExpansionLimit.Needed(_originalLength, given)}";
            _warnings.Add(new ModelPackWarning(_leadingPath ?? _survey.Files[0].File.Path, reason, null));
        }
    }

    private void WriteEntries()
    {
        foreach (FolderEntry entry in _entries)
        {
            _writer.BeginFile(entry.Describe(_options.RecordsTimes), [], []);
            _writer.EndFile([]);
        }
    }

    /// <summary>A file between its first and last block.</summary>
    internal sealed class FileInWork(SurveyedFile file, ContextTrial contexts, PackOptions options) : IDisposable
    {
        public SurveyedFile Surveyed => file;

        public PackInputFile File => file.File;

        public ByteSource Source { get; } = file.Open();

        public SegmentMap Map => file.Map;

        public BaseCounterparts? Counterparts => file.Counterparts;

        public BlockPlanner Planner { get; } = new(file.Map, contexts, file.Repeats, file.Counterparts);

        public TensorTally Tally { get; } = new(file.Map.Tensors, file.ExternalPlaces);

        public FileStart Start { get; } = Describe(file, options);

        public PublishedHash? Published => file.Published;

        public bool NeedsSha256 => options.Sha256 || Published is { Algorithm: HubHashAlgorithm.Sha256 };

        public bool NeedsGitBlobSha1 => Published is { Algorithm: HubHashAlgorithm.GitBlobSha1 };

        public bool IsHashed => NeedsSha256 || NeedsGitBlobSha1;

        /// <summary>Where the file's blocks start in the container.</summary>
        public long FirstByte { get; set; }

        public void CheckUnchanged()
        {
            if (Source.CurrentLength != Map.FileLength || File.Stamp() != file.Stamp)
            {
                throw SurveyedFile.Changed(Source.Name);
            }
        }

        public void Dispose() => Source.Dispose();

        private static FileStart Describe(SurveyedFile file, PackOptions options)
        {
            var start = new FileStart { Path = file.File.Path, Length = (ulong)file.Map.FileLength, Format = PackedFormat.ToWire(file.Map.Format), HasSha256 = options.Sha256 };
            file.Stamp.WriteTo(start, options.RecordsTimes);
            return start;
        }
    }

    internal sealed class Slot
    {
        /// <summary>For original bytes that are not in memory already.</summary>
        public byte[] Buffer = [];

        /// <summary>The block's frame.</summary>
        public byte[] Frame = [];

        public BlockDirectory Directory = new();

        public BlockForm Form;

        /// <summary>Ordinal of the frame that the item becomes.</summary>
        public long Ordinal { get; set; }

        /// <summary>Whether the frame was left by an earlier process.</summary>
        public bool IsReused { get; set; }

        public ItemKind Kind { get; private set; }

        public FileInWork File { get; private set; } = null!;

        public BlockPlan Plan { get; } = new();

        /// <summary>Where the base has counterparts of the block.</summary>
        public BaseReference Reference { get; } = new();

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
