using System.IO.Hashing;
using Google.Protobuf;
using ModelPack.Container.Wire;

namespace ModelPack.Container;

/// <summary>Writes a container front to back: header, frames in order, index, trailer.</summary>
internal sealed class ContainerWriter
{
    private readonly Stream _stream;
    private readonly Wire.Index _index = new();
    private readonly FileChecksum _checksum = new();
    private FileEntry? _file;
    private long _ordinal;

    public ContainerWriter(Stream stream, ContainerContent content, ContainerFeatures features = ContainerFeatures.None)
    {
        _stream = stream;
        Span<byte> header = stackalloc byte[ContainerHeader.Length];
        new ContainerHeader(content, features).Write(header);
        _stream.Write(header);
        Position = header.Length;
    }

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Describes the base model that blocks refer to; comes before all files.</summary>
    public void WriteBase(Wire.BaseModel record)
    {
        _index.Base = record;
        WriteMessage(FrameKind.Base, record);
    }

    /// <summary>Begins a file; its tensors and segments go into the index.</summary>
    public void BeginFile(FileStart start, IEnumerable<TensorEntry> tensors, IEnumerable<(long Length, int TensorIndex)> segments)
    {
        _file = new FileEntry { Start = start, FirstFrame = (ulong)_ordinal };
        _file.Tensors.AddRange(tensors);
        foreach ((long length, int tensor) in segments)
        {
            _file.SegmentLengths.Add((ulong)length);
            _file.SegmentOwners.Add((uint)(tensor + 1));
        }

        _checksum.Reset();
        WriteMessage(FrameKind.File, start);
        _file.BlocksOffset = (ulong)Position;
    }

    /// <summary>Writes a block and returns the ordinal of its frame.</summary>
    /// <param name="frame">Room for the frame's header (24 bytes), then the payload.</param>
    /// <param name="restoredLength">Original bytes of the block.</param>
    /// <param name="checksum">XXH3 of the original bytes.</param>
    /// <param name="form">How the payload restores them.</param>
    /// <param name="isKept">Whether later blocks repeat it.</param>
    public long WriteBlock(Span<byte> frame, int restoredLength, ulong checksum, BlockForm form = BlockForm.Coded, bool isKept = false)
    {
        var header = new FrameHeader(FrameKind.Block, restoredLength, frame.Length - FrameHeader.Length, checksum) { Form = form, IsKept = isKept };
        header.Write(frame, _ordinal);
        _stream.Write(frame);
        Position += frame.Length;
        _checksum.AddBlock(restoredLength, checksum);
        _file!.BlockPackedLengths.Add((uint)frame.Length);
        _file.BlockLengths.Add((uint)restoredLength);
        return _ordinal++;
    }

    /// <summary>Writes a block that repeats the one whose frame has this ordinal, and returns the bytes of its frame.</summary>
    public int WriteRepeat(long target, int restoredLength, ulong checksum)
    {
        Span<byte> frame = stackalloc byte[FrameHeader.Length + RepeatReference.MaxLength];
        frame = frame[..(FrameHeader.Length + RepeatReference.Write(frame[FrameHeader.Length..], _ordinal, target))];
        WriteBlock(frame, restoredLength, checksum, BlockForm.Repeat);
        return frame.Length;
    }

    /// <summary>Ends the file begun last and returns its index entry.</summary>
    public FileEntry EndFile(ReadOnlySpan<byte> sha256)
    {
        FileEntry file = _file!;
        file.End = new FileEnd { Checksum = _checksum.Current, Sha256 = ByteString.CopyFrom(sha256) };
        WriteMessage(FrameKind.FileEnd, file.End);
        _index.Files.Add(file);
        _file = null;
        return file;
    }

    /// <summary>Writes the index and the trailer; the container is then complete.</summary>
    public void Finish()
    {
        long indexOffset = Position;
        WriteMessage(FrameKind.Index, _index);
        Span<byte> trailer = stackalloc byte[ContainerTrailer.Length];
        new ContainerTrailer(indexOffset, _ordinal, Position + ContainerTrailer.Length).Write(trailer);
        _stream.Write(trailer);
        Position += trailer.Length;
    }

    private void WriteMessage(FrameKind kind, IMessage message)
    {
        int length = message.CalculateSize();
        int limit = kind switch
        {
            FrameKind.Index => ContainerLimits.MaxIndexPayloadLength,
            FrameKind.Base => ContainerLimits.MaxBasePayloadLength,
            _ => ContainerLimits.MaxFilePayloadLength,
        };
        if (length > limit)
        {
            throw new ModelPackException(ModelPackError.Unsupported, $"the {kind} message would have {length} bytes, more than a container can hold");
        }

        byte[] frame = new byte[FrameHeader.Length + length];
        Span<byte> payload = frame.AsSpan(FrameHeader.Length);
        message.WriteTo(payload);
        new FrameHeader(kind, 0, length, XxHash3.HashToUInt64(payload)).Write(frame, _ordinal++);
        _stream.Write(frame);
        Position += frame.Length;
    }
}
