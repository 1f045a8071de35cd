using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Recovery;

/// <summary>Finds the frames of a container from its start on, over damage and what is missing.</summary>
internal sealed class FrameScan
{
    private const int WindowLength = 1 << 20;

    // A hash of 20 bytes takes some 10 ns; bytes made to look like headers must not keep the scan for long.
    private const long MostTries = 50_000_000;

    private readonly ByteSource _source;
    private readonly ContainerFeatures _features;
    private long _triesLeft = MostTries;
    private FoundFile? _file;

    private FrameScan(ByteSource source)
    {
        _source = source;
        Content = ContainerContent.Folder;
        _features = ContainerFeatures.Repeats | ContainerFeatures.Base | ContainerFeatures.Tree;
        try
        {
            byte[] header = new byte[Math.Min(ContainerHeader.Length, source.Length)];
            source.ReadExactly(0, header);
            (Content, _features) = ContainerHeader.Read(header);
        }
        catch (ModelPackException exception)
        {
            // What is no container at all has no frames either.
            Outside.Add(new FrameGap(0, 0, 0, 0, ContainerHeader.Length, exception.In(source, 0)));
        }
    }

    public ContainerContent Content { get; }

    public ContainerFeatures Features => _features;

    public List<FoundFile> Files { get; } = [];

    /// <summary>Folders and links.</summary>
    public List<FileStart> Entries { get; } = [];

    /// <summary>Gaps that belong to no file that is known.</summary>
    public List<FrameGap> Outside { get; } = [];

    public Container.Wire.BaseModel? Base { get; private set; }

    /// <summary>True when the container ends before its index.</summary>
    public bool IsCut { get; private set; }

    public static FrameScan Run(ByteSource source, CancellationToken cancellationToken)
    {
        var scan = new FrameScan(source);
        scan.Walk(cancellationToken);
        foreach (FoundFile file in scan.Files)
        {
            file.Place();
        }

        return scan;
    }

    private void Walk(CancellationToken cancellationToken)
    {
        long offset = ContainerHeader.Length;
        long ordinal = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (offset + FrameHeader.Length > _source.Length)
            {
                IsCut = true;
                AddCutOff(offset, ordinal);
                return;
            }

            if (!TryReadFrame(offset, ordinal, out FrameHeader frame, out ModelPackException? fault))
            {
                long next = offset;
                long first = ordinal;
                bool found = FindNext(ref next, ref ordinal, cancellationToken);
                IsCut |= !found && _source.NextReadable(offset) == _source.Length;
                AddGap(first, found ? ordinal - first : 0, offset, (found ? next : _source.Length) - offset, fault!);
                if (!found)
                {
                    return;
                }

                offset = next;
                continue;
            }

            if (frame.Kind == FrameKind.Index)
            {
                return;
            }

            Take(frame, offset, ordinal);
            offset += frame.FrameLength;
            ordinal++;
        }
    }

    private void Take(FrameHeader frame, long offset, long ordinal)
    {
        if (frame.Kind == FrameKind.Block)
        {
            var block = new FoundBlock(ordinal, offset, frame.FrameLength, frame.RestoredLength);
            if (offset + frame.FrameLength > _source.Length)
            {
                block.Fault = new ModelPackException(ModelPackError.Corrupt, "the container ends in the midst of the block", offset: offset).In(_source, 0);
            }

            _file?.Blocks.Add(block);
            return;
        }

        try
        {
            byte[] payload = new byte[Math.Min(frame.PayloadLength, _source.Length - offset - FrameHeader.Length)];
            _source.ReadExactly(offset + FrameHeader.Length, payload);
            frame.CheckPayload(payload, ordinal, offset);
            TakeMessage(frame.Kind, payload, offset, ordinal);
        }
        catch (Exception exception) when (exception is ModelPackException or InvalidProtocolBufferException)
        {
            // The next file frame is trusted again.
            ModelPackException fault = exception as ModelPackException ?? new ModelPackException(ModelPackError.Corrupt, exception.Message, offset: offset);
            _file = frame.Kind == FrameKind.File ? null : _file;
            AddGap(ordinal, 1, offset, frame.FrameLength, fault.In(_source, 0));
        }
    }

    private void TakeMessage(FrameKind kind, byte[] payload, long offset, long ordinal)
    {
        switch (kind)
        {
            case FrameKind.File:
                var start = FileStart.Parser.ParseFrom(payload);
                if (EntryRules.FindFault(start, Content, _features) is not null || start.Length > long.MaxValue)
                {
                    throw new ModelPackException(ModelPackError.Corrupt, $"the path '{start.Path}' or the length {start.Length} of a file is not sound", offset: offset);
                }

                if ((EntryKind)start.Kind != EntryKind.File)
                {
                    _file = null;
                    Entries.Add(start);
                    break;
                }

                _file = new FoundFile(start) { FrameOffset = offset, Ordinal = ordinal };
                Files.Add(_file);
                break;
            case FrameKind.FileEnd:
                _file?.End = FileEnd.Parser.ParseFrom(payload);
                _file = null;
                break;
            case FrameKind.Base:
                Base = Container.Wire.BaseModel.Parser.ParseFrom(payload);
                if (BaseRecord.FindFault(Base) is { } fault)
                {
                    Base = null;
                    throw new ModelPackException(ModelPackError.Corrupt, $"the record of the base {fault}", offset: offset);
                }

                break;
        }
    }

    private void AddGap(long ordinal, long count, long offset, long length, ModelPackException fault)
    {
        if (_file is null)
        {
            Outside.Add(new FrameGap(0, ordinal, count, offset, length, fault));
        }
        else
        {
            _file.Gaps.Add(new FrameGap(_file.Blocks.Count, ordinal, count, offset, length, fault));
        }
    }

    private void AddCutOff(long offset, long ordinal)
    {
        var fault = new ModelPackException(ModelPackError.Corrupt, "the container ends here, before its index", offset: offset);
        AddGap(ordinal, 0, offset, Math.Max(0, _source.Length - offset), fault.In(_source, 0));
    }

    private bool TryReadFrame(long offset, long ordinal, out FrameHeader frame, out ModelPackException? fault)
    {
        frame = default;
        fault = null;
        try
        {
            Span<byte> header = stackalloc byte[FrameHeader.Length];
            _source.ReadExactly(offset, header);
            frame = FrameHeader.Read(header, ordinal, offset, _features);
            return true;
        }
        catch (ModelPackException exception)
        {
            fault = exception.In(_source, 0);
            return false;
        }
    }

    /// <summary>Looks for a frame behind damage: the check of a header tells its ordinal as well.</summary>
    /// <param name="offset">Where the damage starts; receives where the next frame does.</param>
    /// <param name="ordinal">Ordinal of the frame that should start there; receives that of the frame found.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private bool FindNext(ref long offset, ref long ordinal, CancellationToken cancellationToken)
    {
        byte[] window = new byte[WindowLength + FrameHeader.Length];
        long start = offset;
        for (long at = offset + 1; at + FrameHeader.Length <= _source.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long readable = _source.NextReadable(at);
            if (readable > at)
            {
                at = readable;
                continue;
            }

            int length = (int)Math.Min(window.Length, _source.ReadableEnd(at) - at);
            _source.ReadExactly(at, window.AsSpan(0, length));
            for (int i = 0; i + FrameHeader.Length <= length; i++)
            {
                // The smallest frame that holds anything has a header and one byte.
                long mostBetween = (at + i - start) / (FrameHeader.Length + 1);
                if (FrameHeader.IsPlausible(window.AsSpan(i, FrameHeader.Length)) && TryOrdinals(window.AsSpan(i, FrameHeader.Length), ordinal, mostBetween, out long found))
                {
                    offset = at + i;
                    ordinal = found;
                    return true;
                }
            }

            at += Math.Max(1, length - FrameHeader.Length + 1);
        }

        return false;
    }

    private bool TryOrdinals(ReadOnlySpan<byte> header, long ordinal, long mostBetween, out long found)
    {
        for (found = ordinal; found <= ordinal + mostBetween && _triesLeft > 0; found++, _triesLeft--)
        {
            if (FrameHeader.Matches(header, found))
            {
                return true;
            }
        }

        return false;
    }
}
