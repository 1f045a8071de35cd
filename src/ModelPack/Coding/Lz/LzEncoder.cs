using System.Buffers.Binary;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>Sequences → streams → coded plane. Holds the buffers of one thread.</summary>
internal sealed class LzEncoder
{
    // Most bits behind the codes of a sequence: of two lengths and an offset.
    private const int MaxSequenceBits = 3 * LzNumbers.MaxExtraBits;

    private readonly LzHeader _header = new();
    private readonly LzTokens _tokens = new();
    private readonly LzLiteralSorter _literals = new();
    private readonly PlaneHistogram _histogram = new();
    private readonly uint[] _counts = new uint[256];
    private int[] _newOffsets = [];
    private byte[] _plain = [];
    private byte[] _streams = [];
    private byte[] _coded = [];
    private byte[] _bits = [];

    /// <summary>Codes a plane that was cut into sequences.</summary>
    /// <param name="plane">Whole units.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes.</param>
    /// <param name="isRotated">Whether units are floats.</param>
    /// <param name="sequences">How the plane was cut.</param>
    /// <param name="coded">Room.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    /// <returns>False when it does not fit.</returns>
    public bool TryEncode(
        ReadOnlySpan<byte> plane,
        int unitShift,
        bool isRotated,
        LzSequences sequences,
        Span<byte> coded,
        CodingWorkspace workspace,
        out int written)
    {
        _header.Reset(unitShift, isRotated && unitShift > 0);
        int count = sequences.Count;
        CodingBuffers.Reserve(ref _plain, count);
        CodingBuffers.Reserve(ref _streams, (4 * count) + plane.Length);
        CodingBuffers.Reserve(ref _newOffsets, count);
        CodingBuffers.Reserve(ref _bits, (int)(((long)count * MaxSequenceBits / 8) + sizeof(ulong) + 1));
        Span<byte> tokens = _streams.AsSpan(0, count);
        Span<byte> lengths = _streams.AsSpan(count, 2 * count);
        Span<byte> offsets = _streams.AsSpan(3 * count, count);

        int lengthCount = 0;
        int newOffsets = 0;
        int matched = CutSequences(sequences.Items, _plain, lengths, ref lengthCount, ref newOffsets);
        _tokens.Choose(_plain.AsSpan(0, count), _header);
        LzTokens.Split(_plain.AsSpan(0, count), _header, tokens);
        _header.OffsetPrecision = ChoosePrecision(_newOffsets.AsSpan(0, newOffsets));
        int bitBytes = WriteBits(sequences.Items, offsets);
        Span<byte> literals = _streams.AsSpan(4 * count, plane.Length - (matched << unitShift));
        TakeLiterals(plane, sequences.Items, literals);
        _header.Lengths.Length = lengthCount;
        _header.Offsets.Length = newOffsets;

        CodingBuffers.Reserve(ref _coded, _streams.Length);
        int codedLength = 0;
        CodeStreams(_header.Tokens, tokens, workspace, ref codedLength);
        CodeStreams(new Span<LzStreamEntry>(ref _header.Lengths), lengths, workspace, ref codedLength);
        CodeStreams(new Span<LzStreamEntry>(ref _header.Offsets), offsets, workspace, ref codedLength);
        CodeStreams(_header.Streams[(_header.Tokens.Length + 2)..], literals, workspace, ref codedLength);
        return TryAssemble(_coded.AsSpan(0, codedLength), _bits.AsSpan(0, bitBytes), coded, out written);
    }

    private void CodeStreams(Span<LzStreamEntry> entries, ReadOnlySpan<byte> streams, CodingWorkspace workspace, ref int codedLength)
    {
        foreach (ref LzStreamEntry entry in entries)
        {
            CodeStream(ref entry, streams, workspace, ref codedLength);
            streams = streams[entry.Length..];
        }
    }

    /// <summary>Tokens, codes of lengths, and the offsets that are new. Returns the units that are in matches.</summary>
    private int CutSequences(ReadOnlySpan<LzSequence> sequences, Span<byte> tokens, Span<byte> lengths, ref int lengthCount, ref int newOffsets)
    {
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        int least = LzFormat.LeastMatch(_header.UnitShift);
        int matched = 0;
        for (int i = 0; i < sequences.Length; i++)
        {
            LzSequence sequence = sequences[i];
            int source = recent.Find(sequence.Offset);
            recent.Use(sequence.Offset, source);
            if (source == 0)
            {
                _newOffsets[newOffsets++] = sequence.Offset;
            }

            int length = sequence.Length - least;
            tokens[i] = LzFormat.Token(sequence.Literals, source, length);
            if (sequence.Literals >= LzFormat.LongLiterals)
            {
                lengths[lengthCount++] = LzNumbers.OfLength(sequence.Literals - LzFormat.LongLiterals).Code;
            }

            if (length >= LzFormat.LongLength)
            {
                lengths[lengthCount++] = LzNumbers.OfLength(length - LzFormat.LongLength).Code;
            }

            matched += sequence.Length;
        }

        return matched;
    }

    /// <summary>The precision of offsets' codes that takes the fewest bits.</summary>
    private int ChoosePrecision(ReadOnlySpan<int> offsets)
    {
        int best = 0;
        long least = long.MaxValue;
        for (int precision = 0; precision <= LzNumbers.MaxOffsetPrecision; precision++)
        {
            _counts.AsSpan().Clear();
            long bits = 0;
            foreach (int offset in offsets)
            {
                LzCode code = LzNumbers.OfOffset(offset, precision);
                _counts[code.Code]++;
                bits += code.Bits;
            }

            bits += LzContexts.Cost(_counts);
            if (bits < least)
            {
                least = bits;
                best = precision;
            }
        }

        return best;
    }

    /// <summary>Codes of new offsets, and what is behind the codes of lengths and offsets. Returns the bytes of the latter.</summary>
    private int WriteBits(ReadOnlySpan<LzSequence> sequences, Span<byte> offsetCodes)
    {
        var writer = new BitWriter(_bits);
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        int least = LzFormat.LeastMatch(_header.UnitShift);
        int newOffsets = 0;
        foreach (LzSequence sequence in sequences)
        {
            if (sequence.Literals >= LzFormat.LongLiterals)
            {
                Write(ref writer, LzNumbers.OfLength(sequence.Literals - LzFormat.LongLiterals));
            }

            if (sequence.Length - least >= LzFormat.LongLength)
            {
                Write(ref writer, LzNumbers.OfLength(sequence.Length - least - LzFormat.LongLength));
            }

            int source = recent.Find(sequence.Offset);
            recent.Use(sequence.Offset, source);
            if (source == 0)
            {
                LzCode code = LzNumbers.OfOffset(sequence.Offset, _header.OffsetPrecision);
                offsetCodes[newOffsets++] = code.Code;
                Write(ref writer, code);
            }
        }

        _ = writer.TryFinish(out int written);
        return written;
    }

    private static void Write(ref BitWriter writer, LzCode code) => _ = writer.TryWrite(code.Extra, code.Bits);

    private void TakeLiterals(ReadOnlySpan<byte> plane, ReadOnlySpan<LzSequence> sequences, Span<byte> literals)
    {
        int unitShift = _header.UnitShift;
        if (unitShift == 0)
        {
            _literals.Choose(plane, sequences, _header);
            LzLiteralSorter.Take(plane, sequences, _header, literals);
            return;
        }

        int count = literals.Length >> unitShift;
        int taken = 0;
        int at = 0;
        foreach (LzSequence sequence in sequences)
        {
            LzUnits.Split(plane.Slice(at << unitShift, sequence.Literals << unitShift), unitShift, _header.IsRotated, literals, count, taken);
            taken += sequence.Literals;
            at += sequence.Literals + sequence.Length;
        }

        LzUnits.Split(plane[(at << unitShift)..], unitShift, _header.IsRotated, literals, count, taken);
        foreach (ref LzStreamEntry stream in _header.Literals)
        {
            stream.Length = count;
        }
    }

    /// <summary>Codes a stream with the coder that takes the fewest bytes.</summary>
    private void CodeStream(ref LzStreamEntry entry, ReadOnlySpan<byte> stream, CodingWorkspace workspace, ref int codedLength)
    {
        entry.Coder = CoderId.Stored;
        entry.CodedLength = entry.Length;
        if (entry.Length == 0)
        {
            return;
        }

        stream = stream[..entry.Length];
        Span<byte> room = _coded.AsSpan(codedLength, entry.Length);
        _histogram.Count(stream);
        if (_histogram.DistinctValues == 1)
        {
            entry.Coder = CoderId.Constant;
        }
        else
        {
            long huffman = Huffman.HuffmanCoder.Instance.EstimateEncodedLength(_histogram, workspace) ?? long.MaxValue;
            long lanes = LaneAns.LaneAnsCoder.Instance.EstimateEncodedLength(_histogram, workspace) ?? long.MaxValue;
            entry.Coder = Math.Min(huffman, lanes) >= entry.Length ? CoderId.Stored : lanes < huffman ? CoderId.LaneAns : CoderId.Huffman;
        }

        if (!PlaneCoders.Get(entry.Coder).TryEncode(stream, _histogram, room, workspace, out int written))
        {
            entry.Coder = CoderId.Stored;
            stream.CopyTo(room);
            written = entry.Length;
        }

        entry.CodedLength = written;
        codedLength += written;
    }

    private bool TryAssemble(ReadOnlySpan<byte> streams, ReadOnlySpan<byte> bits, Span<byte> coded, out int written)
    {
        Span<byte> header = stackalloc byte[LzHeader.MaxLength];
        int headerLength = _header.Write(header);
        long length = (long)LzFormat.CheckLength + headerLength + streams.Length + bits.Length;
        written = 0;
        if (length > coded.Length)
        {
            return false;
        }

        written = (int)length;
        Span<byte> body = coded[LzFormat.CheckLength..written];
        header[..headerLength].CopyTo(body);
        streams.CopyTo(body[headerLength..]);
        bits.CopyTo(body[(headerLength + streams.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(coded, LzFormat.Check(body));
        return true;
    }
}
