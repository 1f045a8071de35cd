using System.Numerics;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>Where a stream is and how it is coded.</summary>
internal struct LzStreamEntry
{
    /// <summary>Bytes that it restores; 0 for a stream that is not there.</summary>
    public int Length;

    public CoderId Coder;

    public int CodedLength;
}

/// <summary>What stands before the streams (SPEC.md, "Header"). Reused.</summary>
internal sealed class LzHeader
{
    /// <summary>Most bytes of a header: three maps, and two numbers for each stream.</summary>
    public const int MaxLength = 320;

    private const int MaxStreams = (3 * LzContextMap.MaxStreams) + 2;
    private const int NumberWidthBits = 5;
    private const int CoderBits = 3;

    private readonly LzStreamEntry[] _streams = new LzStreamEntry[MaxStreams];

    public int UnitShift { get; private set; }

    public int Unit => 1 << UnitShift;

    /// <summary>Whether literals of several bytes are rotated.</summary>
    public bool IsRotated { get; private set; }

    /// <summary>Whether the first literals behind matches, of one byte, have streams of their own.</summary>
    public bool HasFirst { get; set; }

    public int OffsetPrecision { get; set; }

    public LzTokenContext TokenContext { get; set; }

    public LzContextMap TokenMap { get; } = new(LzFormat.TokenContexts);

    public LzContextMap LiteralMap { get; } = new(LzFormat.LiteralContexts);

    public LzContextMap FirstMap { get; } = new(LzFormat.LiteralContexts);

    /// <summary>All streams in their order: tokens, lengths, offsets, literals, first literals.</summary>
    public Span<LzStreamEntry> Streams => _streams.AsSpan(0, FirstsStart + (HasFirst ? FirstMap.Streams : 0));

    public Span<LzStreamEntry> Tokens => _streams.AsSpan(0, TokenMap.Streams);

    public ref LzStreamEntry Lengths => ref _streams[TokenMap.Streams];

    public ref LzStreamEntry Offsets => ref _streams[TokenMap.Streams + 1];

    public Span<LzStreamEntry> Literals => _streams.AsSpan(LiteralsStart, LiteralStreams);

    public Span<LzStreamEntry> Firsts => _streams.AsSpan(FirstsStart, FirstMap.Streams);

    /// <summary>Whether each literal's stream follows from the byte before.</summary>
    public bool HasContexts => UnitShift == 0 && (HasFirst || LiteralStreams > 1);

    private int LiteralStreams => UnitShift > 0 ? Unit : LiteralMap.Streams;

    private int LiteralsStart => TokenMap.Streams + 2;

    private int FirstsStart => LiteralsStart + LiteralStreams;

    /// <summary>Bytes that streams restore together.</summary>
    public static int LengthOf(ReadOnlySpan<LzStreamEntry> streams)
    {
        int length = 0;
        foreach (LzStreamEntry stream in streams)
        {
            length += stream.Length;
        }

        return length;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset(int unitShift, bool isRotated)
    {
        UnitShift = unitShift;
        IsRotated = isRotated;
        HasFirst = false;
        OffsetPrecision = 0;
        TokenContext = LzTokenContext.None;
        TokenMap.Clear();
        LiteralMap.Clear();
        FirstMap.Clear();
    }

    /// <summary>Writes the header, padded to whole bytes, into at least <see cref="MaxLength"/> bytes.</summary>
    public int Write(Span<byte> header)
    {
        var writer = new BitWriter(header);
        Put(ref writer, UnitShift, 2);
        Put(ref writer, OffsetPrecision, 2);
        Put(ref writer, (int)TokenContext, 2);
        if (TokenContext != LzTokenContext.None)
        {
            PutMap(ref writer, TokenMap);
        }

        if (UnitShift > 0)
        {
            Put(ref writer, IsRotated ? 1 : 0, 1);
        }
        else
        {
            PutMapIfAny(ref writer, LiteralMap);
            Put(ref writer, HasFirst ? 1 : 0, 1);
            if (HasFirst)
            {
                PutMapIfAny(ref writer, FirstMap);
            }
        }

        Span<LzStreamEntry> streams = Streams;
        for (int i = 0; i < streams.Length; i++)
        {
            // Literals of several bytes have as many of each.
            if (UnitShift == 0 || i <= LiteralsStart)
            {
                PutNumber(ref writer, streams[i].Length);
            }

            if (streams[i].Length > 0)
            {
                Put(ref writer, (int)streams[i].Coder, CoderBits);
                PutNumber(ref writer, streams[i].CodedLength);
            }
        }

        _ = writer.TryFinish(out int length);
        return length;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="coded">What is behind the check value.</param>
    /// <param name="planeLength">Bytes of the plane.</param>
    /// <returns>Bytes of the header.</returns>
    /// <exception cref="ModelPackException">It breaks a rule.</exception>
    public int Read(ReadOnlySpan<byte> coded, int planeLength)
    {
        var reader = new BitReader(coded);
        Reset((int)reader.Read(2), isRotated: false);
        if ((planeLength & (Unit - 1)) != 0)
        {
            LzThrow.Corrupt($"has units of {Unit} bytes for a plane of {planeLength}");
        }

        OffsetPrecision = (int)reader.Read(2);
        TokenContext = (LzTokenContext)reader.Read(2);
        if (TokenContext > LzTokenContext.HighBits)
        {
            LzThrow.Corrupt($"has tokens of context {(int)TokenContext}");
        }

        if (TokenContext != LzTokenContext.None)
        {
            GetMap(ref reader, TokenMap);
        }

        if (UnitShift > 0)
        {
            IsRotated = reader.Read(1) != 0;
        }
        else
        {
            GetMapIfAny(ref reader, LiteralMap);
            HasFirst = reader.Read(1) != 0;
            if (HasFirst)
            {
                GetMapIfAny(ref reader, FirstMap);
            }
        }

        ReadStreams(ref reader);
        if (!reader.TryAlign() || reader.IsOverrun)
        {
            LzThrow.Corrupt("ends inside its header, or pads it with bits that are not zero");
        }

        CheckStreams(planeLength, coded.Length - (reader.Position / 8));
        return (int)(reader.Position / 8);
    }

    private void ReadStreams(ref BitReader reader)
    {
        Span<LzStreamEntry> streams = Streams;
        for (int i = 0; i < streams.Length; i++)
        {
            int length = UnitShift == 0 || i <= LiteralsStart ? GetNumber(ref reader) : streams[LiteralsStart].Length;
            streams[i] = length == 0
                ? default
                : new LzStreamEntry { Length = length, Coder = (CoderId)reader.Read(CoderBits), CodedLength = GetNumber(ref reader) };
        }
    }

    private void CheckStreams(int planeLength, long left)
    {
        Span<LzStreamEntry> streams = Streams;
        long tokens = 0;
        long literals = 0;
        for (int i = 0; i < streams.Length; i++)
        {
            tokens += i < TokenMap.Streams ? streams[i].Length : 0;
            literals += i >= LiteralsStart ? streams[i].Length : 0;
            left -= streams[i].CodedLength;
            if (streams[i].Coder is not (CoderId.Stored or CoderId.Constant or CoderId.Huffman or CoderId.LaneAns))
            {
                LzThrow.Corrupt($"stream {i} is coded with coder {(int)streams[i].Coder}");
            }

            if (left < 0)
            {
                LzThrow.Corrupt($"stream {i} passes the end by {-left} bytes");
            }
        }

        if (tokens > planeLength >> UnitShift || literals > planeLength || Lengths.Length > 2 * tokens || Offsets.Length > tokens)
        {
            LzThrow.Corrupt($"has {tokens} tokens, {Lengths.Length} lengths, {Offsets.Length} offsets and {literals} bytes of literals for a plane of {planeLength}");
        }
    }

    private static void Put(ref BitWriter writer, int value, int count) => _ = writer.TryWrite((uint)value, count);

    private static void PutMap(ref BitWriter writer, LzContextMap map)
    {
        foreach (byte stream in map.StreamOf)
        {
            Put(ref writer, stream, LzContextMap.StreamBits);
        }
    }

    private static void PutMapIfAny(ref BitWriter writer, LzContextMap map)
    {
        bool hasMap = map.Streams > 1;
        Put(ref writer, hasMap ? 1 : 0, 1);
        if (hasMap)
        {
            PutMap(ref writer, map);
        }
    }

    private static void PutNumber(ref BitWriter writer, int number)
    {
        int width = 32 - BitOperations.LeadingZeroCount((uint)number);
        int below = Math.Max(0, width - 1);
        Put(ref writer, width, NumberWidthBits);
        Put(ref writer, number & ((1 << below) - 1), below);
    }

    private static void GetMap(ref BitReader reader, LzContextMap map)
    {
        foreach (ref byte stream in map.StreamOf)
        {
            stream = (byte)reader.Read(LzContextMap.StreamBits);
        }
    }

    private static void GetMapIfAny(ref BitReader reader, LzContextMap map)
    {
        if (reader.Read(1) != 0)
        {
            GetMap(ref reader, map);
        }
    }

    private static int GetNumber(ref BitReader reader)
    {
        int width = (int)reader.Read(NumberWidthBits);
        return width == 0 ? 0 : (1 << (width - 1)) | (int)reader.Read(width - 1);
    }
}
