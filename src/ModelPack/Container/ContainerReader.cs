using Google.Protobuf;
using ModelPack.Container.Wire;

namespace ModelPack.Container;

/// <summary>
/// Reads a container front to back from a stream that may not be seekable, and checks that its frames come in a sound
/// order and agree with the index at the end. Block checksums are for the caller, who restores the blocks.
/// </summary>
internal sealed class ContainerReader : IDisposable
{
    private readonly ContainerInput _input;
    private readonly KeptBlocks _kept;
    private readonly ContainerFeatures _features;
    private readonly byte[] _header = new byte[ContainerTrailer.Length];
    private readonly FileChecksum _checksum = new();
    private readonly List<FileEntry> _files = [];
    private FileEntry? _file;
    private long _restored;
    private Int128 _announced;
    private Int128 _restoredInAll;
    private long _ordinal;
    private long _payloadOrdinal;

    /// <summary>Reads the header.</summary>
    /// <exception cref="ModelPackException">Not a container, damaged, or of a later version.</exception>
    public ContainerReader(ContainerInput input)
    {
        _input = input;
        _kept = new KeptBlocks(input);
        int read = _input.Read(_header.AsSpan(0, ContainerHeader.Length));
        (Content, _features) = ContainerHeader.Read(_header.AsSpan(0, read));
        Position = ContainerHeader.Length;
        if ((_features & ContainerFeatures.Base) != 0)
        {
            Base = ReadBase();
        }
    }

    public ContainerContent Content { get; }

    /// <summary>The base model that is needed to restore the container, known before anything else is read; null when there is none.</summary>
    public Wire.BaseModel? Base { get; }

    /// <summary>How much the container may restore.</summary>
    public ExpansionLimit Expansion { get; set; }

    /// <summary>Bytes of the base that the container restores from, once it is known to be the right one.</summary>
    public Int128 BaseLength { get; set; }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Offset of the frame read last.</summary>
    public long FrameOffset { get; private set; }

    /// <summary>The index; set once <see cref="ReadFrame"/> has returned the index frame.</summary>
    public ContainerIndex? Index { get; private set; }

    /// <summary>
    /// Reads the next frame's header. A block's payload must then be read with <see cref="FindPayload"/> and
    /// <see cref="ReadPayload"/>; other frames have been read whole and checked.
    /// </summary>
    /// <param name="message">The message of a "file" or "file end" frame.</param>
    /// <exception cref="ModelPackException">The container is damaged or cut.</exception>
    public FrameHeader ReadFrame(out IMessage? message)
    {
        message = null;
        FrameOffset = Position;
        Fill(_header.AsSpan(0, FrameHeader.Length), "a frame header");
        FrameHeader frame = FrameHeader.Read(_header.AsSpan(0, FrameHeader.Length), _ordinal, FrameOffset, _features);
        switch (frame.Kind)
        {
            case FrameKind.Block:
                AddBlock(frame);
                break;
            case FrameKind.File:
                message = BeginFile(ReadMessage(frame, FileStart.Parser));
                break;
            case FrameKind.FileEnd:
                message = EndFile(ReadMessage(frame, FileEnd.Parser));
                break;
            case FrameKind.Index:
                Finish(frame);
                break;
            default:
                ContainerThrow.Corrupt($"frame {_ordinal} is of kind {frame.Kind}, where none can stand", FrameOffset);
                break;
        }

        _ordinal++;
        return frame;
    }

    /// <summary>False where <see cref="ReadPayload"/> needs no buffer.</summary>
    public bool NeedsBuffer => _input.NeedsBuffer;

    /// <summary>Finds the payload that restores the block whose header was read last: its own, or that of the block it repeats.</summary>
    /// <exception cref="ModelPackException">The block repeats what it cannot.</exception>
    public BlockPayload FindPayload(FrameHeader frame)
    {
        _payloadOrdinal = _ordinal - 1;
        if (frame.Form != BlockForm.Repeat)
        {
            return new BlockPayload(frame, Position);
        }

        long offset = Position;
        Span<byte> reference = stackalloc byte[RepeatReference.MaxLength];
        reference = reference[..Math.Min(frame.PayloadLength, reference.Length)];
        Fill(reference, "a block");
        try
        {
            _payloadOrdinal = RepeatReference.Read(reference, _ordinal - 1);
        }
        catch (ModelPackException exception)
        {
            throw exception.Within(offset);
        }

        if (reference.Length < frame.PayloadLength)
        {
            ContainerThrow.Corrupt($"frame {_ordinal - 1} repeats another in a payload of {frame.PayloadLength} bytes", offset);
        }

        return _kept.Find(frame, _ordinal - 1, _payloadOrdinal, offset);
    }

    /// <summary>Reads the payload found last.</summary>
    /// <param name="block">What <see cref="FindPayload"/> returned.</param>
    /// <param name="buffer">At least as long as the payload where <see cref="NeedsBuffer"/>.</param>
    public ReadOnlyMemory<byte> ReadPayload(BlockPayload block, byte[] buffer)
    {
        if (_payloadOrdinal != _ordinal - 1)
        {
            return _kept.Read(_payloadOrdinal, buffer);
        }

        ReadOnlyMemory<byte> payload = _input.Read(block.Frame.PayloadLength, buffer);
        if (payload.Length < block.Frame.PayloadLength)
        {
            ContainerThrow.Truncated("a block", block.Frame.PayloadLength, payload.Length, Position);
        }

        Position += payload.Length;
        if (block.Frame.IsKept)
        {
            _kept.Keep(_payloadOrdinal, block, payload.Span);
        }

        return payload;
    }

    /// <summary>Passes the payload of the block whose header was read last, instead of finding and reading it; it is not checked.</summary>
    /// <param name="frame">The block's header.</param>
    /// <param name="buffer">At least as long as the payload where <see cref="NeedsBuffer"/>.</param>
    public void SkipPayload(FrameHeader frame, byte[] buffer)
    {
        _payloadOrdinal = _ordinal - 1;
        var block = new BlockPayload(frame, Position);
        if (frame.IsKept && !_input.CanGoBack)
        {
            ReadPayload(block, buffer);
            return;
        }

        int skipped = _input.Skip(frame.PayloadLength, buffer);
        if (skipped < frame.PayloadLength)
        {
            ContainerThrow.Truncated("a block", frame.PayloadLength, skipped, Position);
        }

        Position += skipped;
        if (frame.IsKept)
        {
            _kept.Keep(_payloadOrdinal, block, default);
        }
    }

    public void Dispose() => _kept.Dispose();

    private Wire.BaseModel ReadBase()
    {
        FrameOffset = Position;
        Fill(_header.AsSpan(0, FrameHeader.Length), "a frame header");
        FrameHeader frame = FrameHeader.Read(_header.AsSpan(0, FrameHeader.Length), _ordinal, FrameOffset);
        if (frame.Kind != FrameKind.Base)
        {
            ContainerThrow.Corrupt($"the first frame is of kind {frame.Kind}, where the base is described", FrameOffset);
        }

        Wire.BaseModel record = ReadMessage(frame, Wire.BaseModel.Parser);
        if (BaseRecord.FindFault(record) is { } fault)
        {
            ContainerThrow.Corrupt($"the record of the base {fault}", FrameOffset);
        }

        _ordinal++;
        return record;
    }

    private void AddBlock(FrameHeader frame)
    {
        if (_file is null)
        {
            ContainerThrow.Corrupt($"frame {_ordinal} is a block outside any file", FrameOffset);
        }

        _restored += frame.RestoredLength;
        if ((ulong)_restored > _file.Start.Length)
        {
            ContainerThrow.Corrupt($"the blocks restore over {_file.Start.Length} bytes, the length of file '{_file.Start.Path}'", FrameOffset);
        }

        // Of a pipe nobody knows how long it is: it must not restore more than what has come allows.
        _restoredInAll += frame.RestoredLength;
        if (_input.Length is null)
        {
            Expansion.Check(_restoredInAll, Position + frame.PayloadLength + BaseLength);
        }

        _checksum.AddBlock(frame.RestoredLength, frame.Checksum);
        _file.BlockLengths.Add((uint)frame.RestoredLength);
        _file.BlockPackedLengths.Add((uint)frame.FrameLength);
    }

    private FileStart BeginFile(FileStart start)
    {
        if (_file is not null || (Content == ContainerContent.File && _files.Count > 0))
        {
            ContainerThrow.Corrupt($"frame {_ordinal} begins a file where none can begin", FrameOffset);
        }

        if (EntryRules.FindFault(start, Content, _features) is { } fault)
        {
            ContainerThrow.Corrupt($"the path '{start.Path}' {fault}", FrameOffset);
        }

        if (start.Length > long.MaxValue || start.Format > (uint)ModelFormat.Onnx)
        {
            ContainerThrow.Corrupt($"file '{start.Path}' has {start.Length} bytes and format {start.Format}", FrameOffset);
        }

        _announced += start.Length;
        if (_input.Length is { } length)
        {
            Expansion.Check(_announced, length + BaseLength);
        }

        _file = new FileEntry { Start = start, FirstFrame = (ulong)_ordinal, BlocksOffset = (ulong)Position };
        _restored = 0;
        _checksum.Reset();
        return start;
    }

    private FileEnd EndFile(FileEnd end)
    {
        if (_file is null)
        {
            ContainerThrow.Corrupt($"frame {_ordinal} ends a file where none has begun", FrameOffset);
        }

        if ((ulong)_restored != _file.Start.Length)
        {
            ContainerThrow.Corrupt($"the blocks restore {_restored} bytes, file '{_file.Start.Path}' has {_file.Start.Length}", FrameOffset);
        }

        if (end.Sha256.Length != (_file.Start.HasSha256 ? 32 : 0))
        {
            ContainerThrow.Corrupt($"file '{_file.Start.Path}' has a SHA-256 of {end.Sha256.Length} bytes, announced was {(_file.Start.HasSha256 ? "one" : "none")}", FrameOffset);
        }

        if (end.Checksum != _checksum.Current)
        {
            ContainerThrow.Corrupt($"the checksum of file '{_file.Start.Path}' does not match those of its blocks", FrameOffset);
        }

        _file.End = end;
        _files.Add(_file);
        _file = null;
        return end;
    }

    private void Finish(FrameHeader frame)
    {
        if (_file is not null)
        {
            ContainerThrow.Corrupt($"frame {_ordinal} is the index, but file '{_file.Start.Path}' has not ended", FrameOffset);
        }

        byte[] payload = ReadChecked(frame);
        long trailerOffset = Position;
        Fill(_header.AsSpan(0, ContainerTrailer.Length), "the trailer");
        ContainerTrailer trailer = ContainerTrailer.Read(_header, trailerOffset);
        if (trailer.IndexOffset != FrameOffset || trailer.FrameCount != _ordinal + 1)
        {
            ContainerThrow.Corrupt($"the trailer places frame {trailer.FrameCount - 1}, the index, at offset {trailer.IndexOffset}; it is frame {_ordinal} at {FrameOffset}", trailerOffset);
        }

        if (_input.Read(_header.AsSpan(0, 1)) != 0)
        {
            ContainerThrow.Corrupt("there are bytes behind the trailer", Position);
        }

        var index = ContainerIndex.Parse(payload, Content, trailer, _features);
        if (index.Entries.Length != _files.Count)
        {
            ContainerThrow.Corrupt($"the index has {index.Entries.Length} files, the container {_files.Count}", FrameOffset);
        }

        if (!Equals(index.Base, Base))
        {
            ContainerThrow.Corrupt("the index describes the base otherwise than its frame does", FrameOffset);
        }

        for (int i = 0; i < _files.Count; i++)
        {
            FileEntry listed = index.Entries[i].Entry;
            FileEntry seen = _files[i];
            if (!listed.Start.Equals(seen.Start) || !listed.End.Equals(seen.End) || listed.FirstFrame != seen.FirstFrame
                || listed.BlocksOffset != seen.BlocksOffset || !listed.BlockLengths.Equals(seen.BlockLengths)
                || !listed.BlockPackedLengths.Equals(seen.BlockPackedLengths))
            {
                ContainerThrow.Corrupt($"the index describes file '{listed.Start.Path}' otherwise than its frames do", FrameOffset);
            }
        }

        Index = index;
    }

    private TMessage ReadMessage<TMessage>(FrameHeader frame, MessageParser<TMessage> parser)
        where TMessage : IMessage<TMessage>
    {
        byte[] payload = ReadChecked(frame);
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"frame {_ordinal} is not a sound message: {exception.Message}", offset: FrameOffset, innerException: exception);
        }
    }

    private byte[] ReadChecked(FrameHeader frame)
    {
        // A length that the stream does not hold must not be allocated first: grow as bytes arrive.
        const int Step = 1 << 20;
        byte[] payload = new byte[Math.Min(frame.PayloadLength, Step)];
        int filled = 0;
        while (true)
        {
            Fill(payload.AsSpan(filled), "a frame");
            filled = payload.Length;
            if (filled == frame.PayloadLength)
            {
                break;
            }

            Array.Resize(ref payload, (int)Math.Min(frame.PayloadLength, 2L * filled));
        }

        frame.CheckPayload(payload, _ordinal, FrameOffset);
        return payload;
    }

    private void Fill(Span<byte> destination, string what)
    {
        int read = _input.Read(destination);
        if (read < destination.Length)
        {
            ContainerThrow.Truncated(what, destination.Length, read, Position);
        }

        Position += read;
    }
}
