namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Chooses a plane's table: which symbols to keep and which to escape, and their frequencies. Integers throughout,
/// so that every machine chooses the same.
/// </summary>
internal sealed class LaneAnsChoice
{
    private const int FractionBits = BinaryLogarithm.FractionBits;

    // What a symbol costs in the header: its value and its frequency.
    private const long SymbolCost = 16L << FractionBits;
    private const long LiteralCost = 8L << FractionBits;

    private static readonly long[] Log2 = [0, .. Enumerable.Range(1, LaneAnsTable.MaxStates).Select(BinaryLogarithm.Of)];

    // The most frequent byte values, best first, as count << 8 | 255 - value, so that equal counts rank the lower value first.
    private readonly ulong[] _ranked = new ulong[LaneAnsTable.MaxSymbols];
    private readonly long[] _counts = new long[LaneAnsTable.MaxSymbols + 1];
    private readonly int[] _trial = new int[LaneAnsTable.MaxSymbols + 1];
    private readonly int[] _best = new int[LaneAnsTable.MaxSymbols + 1];
    private readonly int[] _frequencyOfValue = new int[256];
    private int _rankedCount;

    /// <summary>Expected bits of the last table chosen for the bytes counted: of the bit stream and the literals.</summary>
    public long Cost { get; private set; }

    /// <summary>Fills <paramref name="table"/> for a plane with this histogram.</summary>
    /// <param name="histogram">Counts of at least one byte. For a sample the table has escapes, for values that it missed.</param>
    /// <param name="stateBits">L, 7 or 8.</param>
    /// <param name="table">The table to fill.</param>
    /// <param name="literals">How many of the bytes counted are not in the table.</param>
    /// <returns>Expected number of bits in the bit stream, without literals.</returns>
    public long Choose(PlaneHistogram histogram, int stateBits, LaneAnsTable table, out int literals) =>
        Choose(histogram.Counts, histogram.Total, histogram.IsSample, stateBits, table, out literals);

    /// <summary>The same for counts.</summary>
    /// <param name="counts">Counts of each byte value, at least one of them not 0.</param>
    /// <param name="counted">Their sum.</param>
    /// <param name="isSample">Whether there are bytes that were not counted.</param>
    /// <param name="stateBits">L, 7 or 8.</param>
    /// <param name="table">The table to fill.</param>
    /// <param name="literals">How many of the bytes counted are not in the table.</param>
    /// <returns>Expected number of bits in the bit stream, without literals.</returns>
    public long Choose(ReadOnlySpan<uint> counts, int counted, bool isSample, int stateBits, LaneAnsTable table, out int literals)
    {
        Rank(counts);
        long total = counted + (isSample ? 1 : 0);
        int kept = 0;
        // A value worth less than a third of a state is better escaped: the search starts there. The first of at most
        // 256 values is always worth more.
        while (kept < _rankedCount && (CountAt(kept) * 3) << stateBits >= total)
        {
            kept++;
        }

        long cost = Price(kept, total, stateBits);
        Keep();
        int start = kept;
        int trial = start - 1;
        // A sample does not tell neighbouring choices apart.
        while (!isSample && trial > 0 && TryImprove(trial))
        {
            trial--;
        }

        if (!isSample && kept == start)
        {
            trial = start + 1;
            while (trial <= _rankedCount && TryImprove(trial))
            {
                trial++;
            }
        }

        Fill(table, stateBits, kept);
        long escaped = total;
        for (int i = 0; i < kept; i++)
        {
            escaped -= CountAt(i);
        }

        literals = (int)escaped;
        Cost = (cost - (kept * SymbolCost)) >> FractionBits;
        return (cost - (kept * SymbolCost) - (escaped * LiteralCost)) >> FractionBits;

        bool TryImprove(int candidate)
        {
            long price = Price(candidate, total, stateBits);
            if (price >= cost)
            {
                return false;
            }

            cost = price;
            kept = candidate;
            Keep();
            return true;
        }
    }

    private void Keep() => _trial.CopyTo(_best, 0);

    private long CountAt(int rank) => (long)(_ranked[rank] >> 8);

    private int ValueAt(int rank) => 255 - (int)(_ranked[rank] & 255);

    private void Rank(ReadOnlySpan<uint> counts)
    {
        _rankedCount = 0;
        for (int value = 0; value < counts.Length; value++)
        {
            if (counts[value] == 0)
            {
                continue;
            }

            ulong key = ((ulong)counts[value] << 8) | (uint)(255 - value);
            if (_rankedCount == _ranked.Length)
            {
                if (key < _ranked[^1])
                {
                    continue;
                }

                _rankedCount--;
            }

            int at = _rankedCount++;
            for (; at > 0 && _ranked[at - 1] < key; at--)
            {
                _ranked[at] = _ranked[at - 1];
            }

            _ranked[at] = key;
        }
    }

    // Finds the best frequencies for the first values in rank and leaves them in _trial, the escape's last.
    private long Price(int kept, long total, int stateBits)
    {
        int states = 1 << stateBits;
        long escaped = total;
        for (int i = 0; i < kept; i++)
        {
            _counts[i] = CountAt(i);
            escaped -= _counts[i];
        }

        int slots = kept;
        _trial[kept] = 0;
        if (escaped > 0)
        {
            _counts[slots++] = escaped;
        }

        Normalize(slots, total, states);
        long cost = (kept * SymbolCost) + (escaped * LiteralCost);
        for (int i = 0; i < slots; i++)
        {
            cost += _counts[i] * (Log2[states] - Log2[_trial[i]]);
        }

        return cost;
    }

    // The sum of count * log2(frequency) is concave in each frequency: where no single step from one slot to another
    // gains, no other set of frequencies with the same sum does.
    private void Normalize(int slots, long total, int states)
    {
        int sum = 0;
        for (int i = 0; i < slots; i++)
        {
            long nearest = ((2 * _counts[i] * states) + total) / (2 * total);
            _trial[i] = (int)Math.Max(1, nearest);
            sum += _trial[i];
        }

        while (true)
        {
            (int up, long gain) = sum > states ? (-1, 0) : BestStepUp(slots, states);
            (int down, long loss) = sum < states ? (-1, 0) : CheapestStepDown(slots);
            if (sum == states && (up < 0 || down < 0 || gain <= loss))
            {
                return;
            }

            if (up >= 0)
            {
                _trial[up]++;
                sum++;
            }

            if (down >= 0)
            {
                _trial[down]--;
                sum--;
            }
        }
    }

    private (int Slot, long Gain) BestStepUp(int slots, int states)
    {
        int best = -1;
        long gain = 0;
        for (int i = 0; i < slots; i++)
        {
            int frequency = _trial[i];
            if (frequency < states && _counts[i] * (Log2[frequency + 1] - Log2[frequency]) is var step && step > gain)
            {
                best = i;
                gain = step;
            }
        }

        return (best, gain);
    }

    private (int Slot, long Loss) CheapestStepDown(int slots)
    {
        int best = -1;
        long loss = long.MaxValue;
        for (int i = 0; i < slots; i++)
        {
            int frequency = _trial[i];
            if (frequency > 1 && _counts[i] * (Log2[frequency] - Log2[frequency - 1]) is var step && step < loss)
            {
                best = i;
                loss = step;
            }
        }

        return (best, loss);
    }

    private void Fill(LaneAnsTable table, int stateBits, int kept)
    {
        Array.Clear(_frequencyOfValue);
        for (int i = 0; i < kept; i++)
        {
            _frequencyOfValue[ValueAt(i)] = _best[i];
        }

        table.Reset(stateBits);
        for (int value = 0; value < _frequencyOfValue.Length; value++)
        {
            if (_frequencyOfValue[value] > 0)
            {
                _ = table.TryAdd((byte)value, _frequencyOfValue[value]);
            }
        }
    }
}
