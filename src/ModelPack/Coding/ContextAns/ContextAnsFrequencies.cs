namespace ModelPack.Coding.ContextAns;

/// <summary>Makes frequencies that add up to 1024 of the counts of a context.</summary>
internal sealed class ContextAnsFrequencies
{
    // A value so rare that a slot of its own, 1.44 bits for every 1024 values, costs more than to code it as a literal.
    private const int RarePerTotal = 5;

    private readonly long[] _counts = new long[ContextAnsTables.Symbols];

    /// <summary>Sets the frequencies of one context.</summary>
    /// <param name="counts">Of each byte; not all zero.</param>
    /// <param name="marker">Stands for literals.</param>
    /// <param name="needsMarker">Whether the context must be able to code literals.</param>
    /// <param name="frequencies">Receives them; zero for bytes that are coded as literals.</param>
    public void Choose(ReadOnlySpan<int> counts, int marker, bool needsMarker, Span<short> frequencies)
    {
        long total = Sum(counts);
        long literals = 0;
        long rare = needsMarker ? RareIn(total) : 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            bool isLiteral = needsMarker && (counts[symbol] <= rare || symbol == marker);
            _counts[symbol] = isLiteral ? 0 : counts[symbol];
            literals += isLiteral ? counts[symbol] : 0;
        }

        if (needsMarker)
        {
            _counts[marker] = Math.Max(1, literals);
            total += literals == 0 ? 1 : 0;
        }

        int left = ContextAnsModel.Total;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            long count = _counts[symbol];
            int frequency = count == 0 ? 0 : Math.Max(1, (int)(((count * ContextAnsModel.Total) + (total / 2)) / total));
            frequencies[symbol] = (short)frequency;
            left -= frequency;
        }

        for (; left != 0; left -= Math.Sign(left))
        {
            frequencies[BestToChange(frequencies, Math.Sign(left))] += (short)Math.Sign(left);
        }
    }

    /// <summary>Whether a context has values that are better coded as literals.</summary>
    public static bool HasRare(ReadOnlySpan<int> counts)
    {
        long rare = RareIn(Sum(counts));
        foreach (int count in counts)
        {
            if (count > 0 && count <= rare)
            {
                return true;
            }
        }

        return false;
    }

    private static long RareIn(long total) => total / (RarePerTotal * ContextAnsModel.Total);

    private static long Sum(ReadOnlySpan<int> counts)
    {
        long total = 0;
        foreach (int count in counts)
        {
            total += count;
        }

        return total;
    }

    // The symbol of which one slot more gains the most, or one less loses the least.
    private int BestToChange(ReadOnlySpan<short> frequencies, int change)
    {
        int best = -1;
        long bestGain = long.MinValue;
        for (int symbol = 0; symbol < frequencies.Length; symbol++)
        {
            int frequency = frequencies[symbol];
            if (frequency == 0 || frequency + change < 1)
            {
                continue;
            }

            // The logarithm's derivative between the two frequencies is about 1 / their mean.
            long gain = change * (_counts[symbol] << 20) / ((2 * frequency) + change);
            if (gain > bestGain)
            {
                bestGain = gain;
                best = symbol;
            }
        }

        return best;
    }
}
