using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline;

namespace ModelPack.Fuzz;

/// <summary>What to make right again in a container that was changed at random.</summary>
[Flags]
internal enum Repairs
{
    /// <summary>Header, frame headers, checksums of messages, trailer: without these nothing behind them is ever read.</summary>
    Frames = 0,

    /// <summary>Checksums of blocks: they are set to what the blocks restore.</summary>
    Blocks = 1,

    /// <summary>The "file end" messages.</summary>
    FileEnds = 2,

    /// <summary>What the index says of frames and files; its tensors and segments stay as they are.</summary>
    Index = 4,

    All = Blocks | FileEnds | Index,
}

/// <summary>
/// Makes the checksums of a changed container match again, so that changes get past them to what they protect. Follows
/// FORMAT.md; only restoring a block, to know what it must hash to, is left to the program.
/// </summary>
internal sealed class ContainerRemaker
{
    /// <summary>More frames or restored bytes take too long for one try.</summary>
    private const int MostFrames = 256, MostRestoredBytes = 1 << 22;

    private readonly BlockDecoder _decoder = new();
    private readonly byte[] _restored = new byte[MostRestoredBytes];
    private readonly ArrayBufferWriter<byte> _out = new();

    /// <summary>The container with its checks made anew.</summary>
    /// <param name="changed">A container that was changed anywhere; its frames are followed as far as they lead.</param>
    /// <param name="repairs">What besides frames to repair.</param>
    public byte[] Remake(ReadOnlySpan<byte> changed, Repairs repairs)
    {
        byte[] bytes = new byte[Math.Max(changed.Length, Frame.ContainerHeaderLength)];
        changed.CopyTo(bytes);
        _out.ResetWrittenCount();
        WriteHeader(bytes);
        var walked = new Walked();
        foreach (Frame frame in Frame.Walk(bytes).Take(MostFrames))
        {
            byte[] payload = bytes.AsSpan(frame.PayloadOffset, frame.PayloadLength).ToArray();
            byte[] header = bytes.AsSpan(frame.Offset, Frame.HeaderLength).ToArray();
            payload = frame.Kind switch
            {
                Frame.FileEnd when (repairs & Repairs.FileEnds) != 0 => walked.FileEndOf(payload),
                Frame.Index when (repairs & Repairs.Index) != 0 => walked.IndexOf(payload),
                _ => payload,
            };
            ulong checksum = frame.Kind == Frame.Block ? BlockChecksum(frame, header, payload, walked, repairs) : XxHash3.HashToUInt64(payload);
            long offset = _out.WrittenCount;
            WriteFrame(header, payload, checksum, walked.Count);
            walked.Add(frame, header, payload, checksum, offset, _out.WrittenCount);
        }

        WriteTrailer(walked);
        return _out.WrittenSpan.ToArray();
    }

    private void WriteHeader(Span<byte> bytes)
    {
        Span<byte> header = bytes[..Frame.ContainerHeaderLength];
        ReadOnlySpan<byte> magic = [0x89, (byte)'M', (byte)'P', (byte)'K', 0x0D, 0x0A, 0x1A, 0x0A];
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], XxHash3.HashToUInt64(header[..24]));
        _out.Write(header);
    }

    private void WriteFrame(Span<byte> header, ReadOnlySpan<byte> payload, ulong checksum, int ordinal)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)XxHash3.HashToUInt64(header[..20], ordinal));
        _out.Write(header);
        _out.Write(payload);
    }

    private void WriteTrailer(Walked walked)
    {
        Span<byte> trailer = stackalloc byte[Frame.TrailerLength];
        BinaryPrimitives.WriteInt64LittleEndian(trailer, walked.LastOffset);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], walked.Count);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[16..], _out.WrittenCount + Frame.TrailerLength);
        "MPK-END\n"u8.CopyTo(trailer[24..]);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[32..], XxHash3.HashToUInt64(trailer[..32]));
        _out.Write(trailer);
    }

    /// <summary>What a block restores hashes to; what stands there where that cannot be told.</summary>
    private ulong BlockChecksum(Frame frame, Span<byte> header, ReadOnlySpan<byte> payload, Walked walked, Repairs repairs)
    {
        ulong written = BinaryPrimitives.ReadUInt64LittleEndian(header[12..]);
        if ((repairs & Repairs.Blocks) == 0)
        {
            return written;
        }

        if (frame.Form == (byte)BlockForm.Repeat && payload is [> 0 and < 0x80, ..])
        {
            return walked.ChecksumBefore(payload[0]) ?? written;
        }

        if (frame.Form != (byte)BlockForm.Coded || frame.RestoredLength is < 1 or > MostRestoredBytes)
        {
            return written;
        }

        Span<byte> restored = _restored.AsSpan(0, frame.RestoredLength);
        try
        {
            _decoder.Decode(payload, BlockForm.Coded, restored, written);
            return written;
        }
        catch (ModelPackException exception)
        {
            return exception.Reason.Contains("do not match its checksum", StringComparison.Ordinal) ? XxHash3.HashToUInt64(restored) : written;
        }
    }

    /// <summary>What was seen of a container so far.</summary>
    private sealed class Walked
    {
        private readonly List<(Frame Frame, ulong Checksum)> _frames = [];
        private readonly List<FileEntry> _files = [];
        private readonly XxHash3 _file = new();
        private Container.Wire.BaseModel? _base;

        public int Count => _frames.Count;

        /// <summary>Offset of the last frame.</summary>
        public long LastOffset { get; private set; }

        public ulong? ChecksumBefore(int distance) => distance <= _frames.Count ? _frames[^distance].Checksum : null;

        public void Add(Frame frame, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ulong checksum, long offset, long end)
        {
            _frames.Add((frame, checksum));
            LastOffset = offset;
            switch (frame.Kind)
            {
                case Frame.File:
                    _file.Reset();
                    _files.Add(new FileEntry { Start = Parse(FileStart.Parser, payload) ?? new FileStart(), FirstFrame = (ulong)(_frames.Count - 1), BlocksOffset = (ulong)end });
                    break;
                case Frame.Block when _files.Count > 0:
                    Span<byte> hashed = stackalloc byte[12];
                    header.Slice(4, 4).CopyTo(hashed);
                    BinaryPrimitives.WriteUInt64LittleEndian(hashed[4..], checksum);
                    _file.Append(hashed);
                    _files[^1].BlockPackedLengths.Add((uint)(end - offset));
                    _files[^1].BlockLengths.Add((uint)frame.RestoredLength);
                    break;
                case Frame.FileEnd when _files.Count > 0:
                    _files[^1].End = Parse(FileEnd.Parser, payload) ?? new FileEnd();
                    break;
                case Frame.Base:
                    _base = Parse(Container.Wire.BaseModel.Parser, payload);
                    break;
            }
        }

        public byte[] FileEndOf(ReadOnlySpan<byte> payload)
        {
            FileEnd end = Parse(FileEnd.Parser, payload) ?? new FileEnd();
            end.Checksum = _file.GetCurrentHashAsUInt64();
            return end.ToByteArray();
        }

        public byte[] IndexOf(byte[] payload)
        {
            if (Parse(Container.Wire.Index.Parser, payload) is not { } index)
            {
                return payload;
            }

            for (int i = 0; i < _files.Count; i++)
            {
                if (i == index.Files.Count)
                {
                    index.Files.Add(_files[i]);
                }
                else
                {
                    FileEntry seen = _files[i];
                    FileEntry entry = index.Files[i];
                    (entry.Start, entry.End, entry.FirstFrame, entry.BlocksOffset) = (seen.Start, seen.End, seen.FirstFrame, seen.BlocksOffset);
                    entry.BlockPackedLengths.Clear();
                    entry.BlockPackedLengths.Add(seen.BlockPackedLengths);
                    entry.BlockLengths.Clear();
                    entry.BlockLengths.Add(seen.BlockLengths);
                }
            }

            while (index.Files.Count > _files.Count)
            {
                index.Files.RemoveAt(index.Files.Count - 1);
            }

            index.Base = _base;
            return index.ToByteArray();
        }

        private static T? Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> payload)
            where T : class, IMessage<T>
        {
            try
            {
                return parser.ParseFrom(payload);
            }
            catch (InvalidProtocolBufferException)
            {
                return null;
            }
        }
    }
}
