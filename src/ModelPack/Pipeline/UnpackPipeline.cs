using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Container → coded blocks → planes → segments → files: the mirror of <see cref="PackPipeline"/>.</summary>
internal sealed class UnpackPipeline : OrderedWorkers<UnpackPipeline.Slot>
{
    private readonly ContainerReader _reader;
    private readonly IUnpackSink _sink;
    private readonly IProgress<ModelPackProgress>? _progress;
    private readonly WorkerPool<BlockDecoder> _decoders = new(static () => new BlockDecoder());
    private FileStart? _current;
    private long _originalLength;

    private UnpackPipeline(Stream packed, IUnpackSink sink, IProgress<ModelPackProgress>? progress)
    {
        _reader = new ContainerReader(packed);
        _sink = sink;
        _progress = progress;
    }

    /// <summary>Restores to a file or folder.</summary>
    public static UnpackResult ToPath(
        Stream packed, string name, string target, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using var sink = new PathSink(target, options.Overwrite, options.FlushToDisk);
        return Run(packed, name, sink, options.Threads, progress, cancellationToken);
    }

    /// <summary>Restores to a stream.</summary>
    public static UnpackResult ToStream(
        Stream packed, string name, Stream target, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using var sink = new StreamSink(target);
        return Run(packed, name, sink, options.Threads, progress, cancellationToken);
    }

    /// <summary>Restores to a sink.</summary>
    /// <param name="packed">The container, read to its end.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="sink">Where the bytes go.</param>
    /// <param name="threads">Worker threads; 0 means one for each processor.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static UnpackResult Run(
        Stream packed, string name, IUnpackSink sink, int threads, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var pipeline = new UnpackPipeline(packed, sink, progress);
            sink.Begin(pipeline._reader.Content);
            pipeline.Run(ThreadCount(threads), cancellationToken);
            sink.Commit(cancellationToken);
            return new UnpackResult(pipeline._originalLength, pipeline._reader.Position, [.. pipeline._reader.Index!.Files.Select(PackedFileView.Summarise)]);
        }
        catch (ModelPackException exception) when (exception.FileName is null)
        {
            throw exception.At(name, 0);
        }
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
        if (frame.Kind == FrameKind.Block)
        {
            slot.PayloadOffset = _reader.Position;
            Buffers.Reserve(ref slot.Payload, frame.PayloadLength);
            _reader.ReadPayload(slot.Payload.AsSpan(0, frame.PayloadLength));
        }

        return true;
    }

    protected override void Work(Slot slot)
    {
        FrameHeader frame = slot.Frame;
        if (frame.Kind != FrameKind.Block)
        {
            return;
        }

        Buffers.Reserve(ref slot.Original, frame.RestoredLength);
        BlockDecoder decoder = _decoders.Rent();
        try
        {
            decoder.Decode(slot.Payload.AsSpan(0, frame.PayloadLength), slot.Original.AsSpan(0, frame.RestoredLength), frame.Checksum);
        }
        catch (ModelPackException exception) when (exception.FileName is null)
        {
            throw new ModelPackException(exception.Error, exception.Reason, offset: slot.PayloadOffset + (exception.Offset ?? 0), innerException: exception);
        }

        _decoders.Return(decoder);
    }

    protected override void Consume(Slot slot)
    {
        switch (slot.Message)
        {
            case FileStart start:
                _current = start;
                _sink.BeginFile(start);
                break;
            case FileEnd end:
                _sink.EndFile(end);
                break;
            default:
                int length = slot.Frame.RestoredLength;
                _sink.Write(slot.Original.AsSpan(0, length));
                _originalLength += length;
                long total = _reader.Content == ContainerContent.File ? (long)_current!.Length : -1;
                _progress?.Report(new ModelPackProgress(_originalLength, total, _current!.Path));
                break;
        }
    }

    internal sealed class Slot
    {
        /// <summary>The block's payload.</summary>
        public byte[] Payload = [];

        /// <summary>The block's original bytes.</summary>
        public byte[] Original = [];

        public FrameHeader Frame { get; set; }

        /// <summary>The message of a frame that is no block.</summary>
        public IMessage? Message { get; set; }

        /// <summary>Where the payload stands in the container.</summary>
        public long PayloadOffset { get; set; }
    }
}
