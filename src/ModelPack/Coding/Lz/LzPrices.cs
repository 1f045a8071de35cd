using System.Runtime.CompilerServices;

namespace ModelPack.Coding.Lz;

/// <summary>
/// What the parts of a sequence cost, in 16ths of a bit, by how often each occurred in an earlier parse. Integers throughout,
/// so that every machine parses alike.
/// </summary>
internal sealed class LzPrices
{
    /// <summary>A bit.</summary>
    public const int Bit = 1 << FractionBits;

    private const int FractionBits = 4;
    private const int DroppedBits = BinaryLogarithm.FractionBits - FractionBits;

    // Precision that the codes of offsets are priced with; the one they get fits a little better.
    private const int OffsetPrecision = LzNumbers.MaxOffsetPrecision;

    private readonly uint[] _counts = new uint[256];
    private readonly uint[] _unitCounts = new uint[LzFormat.LiteralContexts * 256];
    private readonly int[] _tokens = new int[256];
    private readonly int[] _lengths = new int[256];
    private readonly int[] _offsets = new int[256];
    private readonly int[] _literals = new int[LzFormat.LiteralContexts * 256];
    private int _unitShift;

    /// <summary>Fewest units of a match.</summary>
    public int LeastMatch { get; private set; }

    /// <summary>The price of a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfToken(int token) => _tokens[token];

    /// <summary>The price of what the token does not hold of a run or a length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfLength(int length)
    {
        LzCode code = LzNumbers.OfLength(length);
        return _lengths[code.Code] + (code.Bits * Bit);
    }

    /// <summary>The price of an offset that is none of the last three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfOffset(int offset)
    {
        LzCode code = LzNumbers.OfOffset(offset, OffsetPrecision);
        return _offsets[code.Code] + (code.Bits * Bit);
    }

    /// <summary>The price of a literal unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfLiteral(ReadOnlySpan<byte> plane, int at)
    {
        if (_unitShift == 0)
        {
            int before = at == 0 ? 0 : plane[at - 1];
            return _literals[((before >> LzFormat.LiteralContextShift) << 8) | plane[at]];
        }

        int price = 0;
        for (int i = 0; i < 1 << _unitShift; i++)
        {
            price += _literals[(i << 8) | plane[at + i]];
        }

        return price;
    }

    /// <summary>Takes prices from a parse.</summary>
    public void Learn(ReadOnlySpan<byte> plane, int unitShift, ReadOnlySpan<LzSequence> sequences)
    {
        _unitShift = unitShift;
        LeastMatch = LzFormat.LeastMatch(unitShift);
        LearnTokens(unitShift, sequences);
        LearnLengths(unitShift, sequences);
        LearnOffsets(sequences);
        LearnLiterals(plane, unitShift, sequences);
    }

    private void LearnTokens(int unitShift, ReadOnlySpan<LzSequence> sequences)
    {
        _counts.AsSpan().Clear();
        int least = LzFormat.LeastMatch(unitShift);
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        foreach (LzSequence sequence in sequences)
        {
            int source = recent.Find(sequence.Offset);
            recent.Use(sequence.Offset, source);
            _counts[LzFormat.Token(sequence.Literals, source, sequence.Length - least)]++;
        }

        Price(_counts, _tokens);
    }

    private void LearnLengths(int unitShift, ReadOnlySpan<LzSequence> sequences)
    {
        _counts.AsSpan().Clear();
        int least = LzFormat.LeastMatch(unitShift);
        foreach (LzSequence sequence in sequences)
        {
            if (sequence.Literals >= LzFormat.LongLiterals)
            {
                _counts[LzNumbers.OfLength(sequence.Literals - LzFormat.LongLiterals).Code]++;
            }

            if (sequence.Length - least >= LzFormat.LongLength)
            {
                _counts[LzNumbers.OfLength(sequence.Length - least - LzFormat.LongLength).Code]++;
            }
        }

        Price(_counts, _lengths);
    }

    private void LearnOffsets(ReadOnlySpan<LzSequence> sequences)
    {
        _counts.AsSpan().Clear();
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        foreach (LzSequence sequence in sequences)
        {
            int source = recent.Find(sequence.Offset);
            recent.Use(sequence.Offset, source);
            if (source == 0)
            {
                _counts[LzNumbers.OfOffset(sequence.Offset, OffsetPrecision).Code]++;
            }
        }

        Price(_counts, _offsets);
    }

    private void LearnLiterals(ReadOnlySpan<byte> plane, int unitShift, ReadOnlySpan<LzSequence> sequences)
    {
        _unitCounts.AsSpan().Clear();
        int unit = 1 << unitShift;
        int at = 0;
        int index = 0;
        while (at < plane.Length)
        {
            bool isLast = index == sequences.Length;
            int end = isLast ? plane.Length : at + (sequences[index].Literals << unitShift);
            for (; at < end; at++)
            {
                int context = unitShift > 0 ? at & (unit - 1) : (at == 0 ? 0 : plane[at - 1]) >> LzFormat.LiteralContextShift;
                _unitCounts[(context << 8) | plane[at]]++;
            }

            at += isLast ? 0 : sequences[index++].Length << unitShift;
        }

        for (int context = 0; context < LzFormat.LiteralContexts; context++)
        {
            Price(_unitCounts.AsSpan(context << 8, 256), _literals.AsSpan(context << 8, 256));
        }
    }

    // What did not occur is priced as if it had, half a time, and nothing below half a bit: codes have whole bits at least.
    private static void Price(ReadOnlySpan<uint> counts, Span<int> prices)
    {
        uint total = 256;
        foreach (uint count in counts)
        {
            total += 2 * count;
        }

        long ofTotal = BinaryLogarithm.Approximate(total);
        for (int value = 0; value < counts.Length; value++)
        {
            prices[value] = Math.Max(Bit / 2, (int)((ofTotal - BinaryLogarithm.Approximate((2 * counts[value]) + 1)) >> DroppedBits));
        }
    }
}
