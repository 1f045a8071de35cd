using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline.Bases;

namespace ModelPack.Pipeline;

/// <summary>Container → coded blocks → planes → segments → files: the mirror of <see cref="PackPipeline"/>.</summary>
internal sealed class UnpackPipeline : OrderedWorkers<UnpackPipeline.Slot>, IDisposable
{
    private readonly ContainerReader _reader;
    private readonly IUnpackSink _sink;
    private readonly IProgress<ModelPackProgress>? _progress;
    private readonly WorkerPool<BlockDecoder> _decoders;
    private readonly BaseFiles? _bases;
    private readonly UnpackSelection _selection;
    private readonly bool _asFile;
    private FileStart? _produced;
    private bool _isSelected;
    private FileStart? _current;
    private long _originalLength;

    private UnpackPipeline(
        ContainerInput packed, IUnpackSink sink, UnpackOptions options, int threads, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        _reader = new ContainerReader(packed);
        _sink = sink;
        _progress = progress;
        _bases = _reader.Base is { } record ? BaseFiles.Open(record, options.Base, threads, cancellationToken) : null;
        _reader.Expansion = new ExpansionLimit(options.MaxExpansion);
        _reader.BaseLength = _bases?.TotalLength ?? 0;
        _asFile = options.AsFile;
        _selection = new UnpackSelection(options.Filter, options.Files);
        _decoders = new WorkerPool<BlockDecoder>(() => new BlockDecoder(_bases));
    }

    /// <summary>Restores to a file or folder.</summary>
    public static UnpackResult ToPath(
        Stream packed, string name, string target, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using var sink = new PathSink(target, options.Overwrite, options.FlushToDisk);
        return Run(ContainerInput.From(packed), name, sink, options, progress, cancellationToken);
    }

    /// <summary>Restores to a stream.</summary>
    public static UnpackResult ToStream(
        Stream packed, string name, Stream target, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using var sink = new StreamSink(target);
        return Run(ContainerInput.From(packed), name, sink, options, progress, cancellationToken);
    }

    /// <summary>Restores from memory to memory.</summary>
    public static UnpackResult ToMemory(ReadOnlyMemory<byte> packed, Memory<byte> target, UnpackOptions options, CancellationToken cancellationToken)
    {
        using var sink = new MemorySink(target);
        return Run(ContainerInput.From(packed), "(memory)", sink, options, progress: null, cancellationToken);
    }

    /// <summary>Restores to a sink.</summary>
    /// <param name="packed">The container, read to its end.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="sink">Where the bytes go.</param>
    /// <param name="options">What to restore, with what.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static UnpackResult Run(
        ContainerInput packed, string name, IUnpackSink sink, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.AsFile && options.Files.Count != 1)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"to restore a file of a container alone takes the name of one, not {options.Files.Count}", name);
        }

        int threads = ThreadCount(options.Threads);
        try
        {
            using var pipeline = new UnpackPipeline(packed, sink, options, threads, progress, cancellationToken);
            sink.Begin(options.AsFile ? ContainerContent.File : pipeline._reader.Content);
            pipeline.Run(threads, cancellationToken);
            pipeline._selection.CheckFound();
            sink.Commit(cancellationToken);
            IEnumerable<IndexedFile> restored = pipeline._reader.Index!.Files.Where(file => pipeline._selection.Contains(file.Path));
            return new UnpackResult(pipeline._originalLength, pipeline._reader.Position, [.. restored.Select(PackedFileView.Summarise)]);
        }
        catch (ModelPackException exception) when (exception.FileName is null)
        {
            throw packed.Place(exception, name);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _bases?.Dispose();
    }

    protected override Slot CreateSlot() => new();

    protected override bool Produce(Slot slot)
    {
        FrameHeader frame = _reader.ReadFrame(out IMessage? message);
        if (frame.Kind == FrameKind.Index)
        {
            return false;
        }

        slot.Frame = frame;
        slot.Message = message;
        slot.Original = default;
        if (message is FileStart start)
        {
            _produced = start;
            _isSelected = _selection.Selects(start);
        }

        slot.IsSelected = _isSelected;
        if (frame.Kind == FrameKind.Block && !_isSelected)
        {
            if (_reader.NeedsBuffer)
            {
                Buffers.Reserve(ref slot.PayloadBuffer, frame.PayloadLength);
            }

            _reader.SkipPayload(frame, slot.PayloadBuffer);
        }
        else if (frame.Kind == FrameKind.Block)
        {
            BlockPayload source = _reader.FindPayload(frame);
            slot.PayloadOffset = source.Offset;
            slot.PayloadForm = source.Frame.Form;
            if (_reader.NeedsBuffer)
            {
                Buffers.Reserve(ref slot.PayloadBuffer, source.Frame.PayloadLength);
            }

            slot.Payload = _reader.ReadPayload(source, slot.PayloadBuffer);
            slot.Original = _sink.Reserve(_produced!, frame.RestoredLength);
        }

        return true;
    }

    protected override void Work(Slot slot)
    {
        FrameHeader frame = slot.Frame;
        if (frame.Kind != FrameKind.Block || !slot.IsSelected)
        {
            return;
        }

        if (slot.Original.IsEmpty)
        {
            Buffers.Reserve(ref slot.OriginalBuffer, frame.RestoredLength);
            slot.Original = slot.OriginalBuffer.AsMemory(0, frame.RestoredLength);
        }

        BlockDecoder decoder = _decoders.Rent();
        try
        {
            decoder.Decode(slot.Payload.Span, slot.PayloadForm, slot.Original.Span, frame.Checksum);
        }
        catch (ModelPackException exception) when (exception.FileName is null)
        {
            throw exception.Within(slot.PayloadOffset);
        }

        _decoders.Return(decoder);
    }

    protected override void Consume(Slot slot)
    {
        switch (slot.Message)
        {
            case FileStart start:
                _current = start;
                BeginEntry(start, slot.IsSelected);
                break;
            case FileEnd end:
                if (slot.IsSelected && (EntryKind)_current!.Kind == EntryKind.File)
                {
                    _sink.EndFile(end);
                }

                break;
            default:
                if (slot.IsSelected)
                {
                    _sink.Write(slot.Original.Span);
                    _originalLength += slot.Frame.RestoredLength;
                    long total = _reader.Content == ContainerContent.File ? (long)_current!.Length : -1;
                    _progress?.Report(new ModelPackProgress(_originalLength, total, _current!.Path));
                }

                break;
        }
    }

    private void BeginEntry(FileStart start, bool isSelected)
    {
        var kind = (EntryKind)start.Kind;
        if (kind == EntryKind.File && isSelected)
        {
            _sink.BeginFile(start);
        }
        else if ((kind == EntryKind.Folder && !_asFile) || (kind == EntryKind.Link && isSelected))
        {
            _sink.AddEntry(start, isSelected);
        }
    }

    internal sealed class Slot
    {
        /// <summary>For a payload that is not in memory already.</summary>
        public byte[] PayloadBuffer = [];

        /// <summary>For original bytes that the sink has no room for.</summary>
        public byte[] OriginalBuffer = [];

        /// <summary>The payload that restores the block.</summary>
        public ReadOnlyMemory<byte> Payload { get; set; }

        /// <summary>The block's original bytes.</summary>
        public Memory<byte> Original { get; set; }

        public FrameHeader Frame { get; set; }

        /// <summary>Whether the entry that the frame belongs to is to be restored.</summary>
        public bool IsSelected { get; set; }

        /// <summary>The message of a frame that is no block.</summary>
        public IMessage? Message { get; set; }

        public BlockForm PayloadForm { get; set; }

        /// <summary>Where the payload stands in the container.</summary>
        public long PayloadOffset { get; set; }
    }
}
