using System.Buffers.Binary;
using System.Numerics;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>Canonical Huffman codes of at most 12 bits in 1, 4 or 8 streams (SPEC.md).</summary>
internal sealed class HuffmanCoder : IPlaneCoder
{
    public static readonly HuffmanCoder Instance = new();

    private const int OneValueLength = 2;

    public CoderId Id => CoderId.Huffman;

    public string Name => HuffmanThrow.CoderName;

    /// <summary>Exact but for the padding of streams: never too small, and at most 7 bytes too large.</summary>
    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace)
    {
        if (histogram.DistinctValues == 1)
        {
            return OneValueLength;
        }

        HuffmanWorkspace huffman = workspace.Huffman;
        huffman.Prepare(histogram);
        return LengthWithoutPadding(huffman, histogram.Total) + HuffmanStreams.CountFor(histogram.Total) - 1;
    }

    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written)
    {
        if (histogram.DistinctValues == 1)
        {
            return TryEncodeOneValue(plane[0], coded, out written);
        }

        written = 0;
        HuffmanWorkspace huffman = workspace.Huffman;
        huffman.Prepare(histogram);
        if (LengthWithoutPadding(huffman, plane.Length) > coded.Length)
        {
            return false;
        }

        int count = HuffmanStreams.CountFor(plane.Length);
        int fieldSize = HuffmanStreams.LengthFieldSize(plane.Length, count);
        int fieldsStart = huffman.Header.Length;
        int at = fieldsStart + ((count - 1) * fieldSize);
        huffman.Header.CopyTo(coded);
        for (int part = 0; part < count; part++)
        {
            ReadOnlySpan<byte> symbols =
                plane[HuffmanStreams.PartStart(plane.Length, count, part)..HuffmanStreams.PartStart(plane.Length, count, part + 1)];
            if (!HuffmanEncoder.TryEncode(symbols, huffman.Codes, coded[at..], out int streamLength))
            {
                return false;
            }

            if (part < count - 1)
            {
                WriteLength(coded.Slice(fieldsStart + (part * fieldSize), fieldSize), streamLength);
            }

            at += streamLength;
        }

        written = at;
        return true;
    }

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        var reader = new BitReader(coded);
        int count = HuffmanStreams.FromCode(reader.Read(HuffmanStreams.CodeBits));
        if (count == 0)
        {
            DecodeOneValue(ref reader, coded.Length, plane);
            return;
        }

        if (plane.Length < count)
        {
            HuffmanThrow.Corrupt($"has {count} streams for a plane of {plane.Length} bytes");
        }

        HuffmanWorkspace huffman = workspace.Huffman;
        huffman.DecodeTable.Read(ref reader);
        Align(ref reader);
        Span<HuffmanStream> streams = stackalloc HuffmanStream[HuffmanStreams.MaxCount];
        streams = streams[..count];
        LocateStreams(coded, (int)(reader.Position / 8), plane.Length, streams);

        huffman.DecodeTable.MakeLookup(huffman.Lookup);
        HuffmanDecoder.Decode(coded, plane, huffman.Lookup, streams);
        for (int i = 0; i < count; i++)
        {
            CheckEnd(coded, in streams[i], i);
        }
    }

    private static long LengthWithoutPadding(HuffmanWorkspace prepared, int planeLength)
    {
        int count = HuffmanStreams.CountFor(planeLength);
        return prepared.Header.Length
            + ((count - 1) * HuffmanStreams.LengthFieldSize(planeLength, count))
            + ((prepared.PayloadBits + count + 7) / 8);
    }

    private static bool TryEncodeOneValue(byte value, Span<byte> coded, out int written)
    {
        var writer = new BitWriter(coded);
        written = 0;
        return writer.TryWrite(0, HuffmanStreams.CodeBits) && writer.TryWrite(value, 8) && writer.TryFinish(out written);
    }

    private static void DecodeOneValue(ref BitReader reader, int codedLength, Span<byte> plane)
    {
        byte value = (byte)reader.Read(8);
        Align(ref reader);
        if (codedLength != OneValueLength)
        {
            HuffmanThrow.Corrupt($"has {codedLength} bytes for a plane of one value, must have {OneValueLength}");
        }

        plane.Fill(value);
    }

    private static void Align(ref BitReader reader)
    {
        if (!reader.TryAlign())
        {
            HuffmanThrow.Corrupt($"has padding bits that are not zero before byte {reader.Position / 8}");
        }

        if (reader.IsOverrun)
        {
            HuffmanThrow.Corrupt("ends inside its header");
        }
    }

    private static void WriteLength(Span<byte> field, int length)
    {
        if (field.Length == sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)length);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(field, length);
        }
    }

    // Reads the length fields and lays the streams out: each must be able to hold its part, and all fill the coded bytes.
    private static void LocateStreams(ReadOnlySpan<byte> coded, int fieldsStart, int planeLength, Span<HuffmanStream> streams)
    {
        int count = streams.Length;
        int fieldSize = HuffmanStreams.LengthFieldSize(planeLength, count);
        int at = fieldsStart + ((count - 1) * fieldSize);
        if (at > coded.Length)
        {
            HuffmanThrow.Corrupt($"has {coded.Length} bytes where header and stream lengths need {at}");
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> field = coded.Slice(fieldsStart + (i * fieldSize), i == count - 1 ? 0 : fieldSize);
            long length = field.Length switch
            {
                0 => coded.Length - at,
                sizeof(ushort) => BinaryPrimitives.ReadUInt16LittleEndian(field),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(field),
            };
            int partStart = HuffmanStreams.PartStart(planeLength, count, i);
            int partEnd = HuffmanStreams.PartStart(planeLength, count, i + 1);
            int longest = Math.Min(HuffmanStreams.MaxStreamLength(partEnd - partStart), coded.Length - at);
            if (length < 1 || length > longest)
            {
                HuffmanThrow.Corrupt($"stream {i} at byte {at} has {length} bytes, allowed are 1 to {longest}");
            }

            streams[i].Position = (nuint)at * 8;
            at += (int)length;
            streams[i].End = (nuint)at * 8;
            streams[i].Output = (nuint)partStart;
            streams[i].OutputEnd = (nuint)partEnd;
        }
    }

    private static void CheckEnd(ReadOnlySpan<byte> coded, in HuffmanStream stream, int index)
    {
        byte last = coded[(int)(stream.End / 8) - 1];
        if (last == 0)
        {
            HuffmanThrow.Corrupt($"stream {index} has no end mark in its last byte, before byte {stream.End / 8}");
        }

        nuint mark = stream.End - 8 + (nuint)BitOperations.Log2(last);
        if (stream.Position != mark)
        {
            HuffmanThrow.Corrupt($"stream {index} has its end mark at bit {mark}, its symbols end at bit {stream.Position}");
        }
    }
}
