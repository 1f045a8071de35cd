namespace ModelPack.Comparison.Analysis;

/// <summary>Shannon's entropy of counted symbols.</summary>
internal static class Entropy
{
    /// <summary>H = −Σ p log2 p over all symbols, times their number: bits that all of them together need.</summary>
    public static double TotalBits(ReadOnlySpan<long> counts)
    {
        double total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        double bits = 0;
        foreach (long count in counts)
        {
            bits += count > 0 ? count * Math.Log2(total / count) : 0;
        }

        return bits;
    }

    /// <summary>Bits of the symbols when a context of each is known: the sum over the contexts' own entropies.</summary>
    /// <param name="counts">For each context a row of counts.</param>
    /// <param name="symbols">Length of a row.</param>
    public static double ConditionalBits(ReadOnlySpan<long> counts, int symbols)
    {
        double bits = 0;
        for (int start = 0; start < counts.Length; start += symbols)
        {
            bits += TotalBits(counts.Slice(start, symbols));
        }

        return bits;
    }
}
