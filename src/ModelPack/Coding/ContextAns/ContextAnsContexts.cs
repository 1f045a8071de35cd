using System.Numerics;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>Joins neighbouring cells into contexts: as long as tables of their own cost more than they save, and to few enough.</summary>
internal sealed class ContextAnsContexts
{
    // More tables do not stay in the first cache.
    private const int MostContexts = 16;

    // Bits of a table's entry, measured, and of a context's border.
    private const int EntryBits = 4;
    private const int BorderBits = 6;
    private const int FractionBits = 12;

    private readonly int[] _counts = new int[ContextAnsModel.Cells * ContextAnsTables.Symbols];
    private readonly long[] _costs = new long[ContextAnsModel.Cells];
    private readonly long[] _gains = new long[ContextAnsModel.Cells];
    private readonly int[] _firstCells = new int[ContextAnsModel.Cells];
    private readonly int[] _joined = new int[ContextAnsTables.Symbols];

    public int ContextCount { get; private set; }

    /// <summary>Counts of each byte in a context; 256 entries.</summary>
    public ReadOnlySpan<int> this[int context] => _counts.AsSpan(_firstCells[context] * ContextAnsTables.Symbols, ContextAnsTables.Symbols);

    /// <summary>The first cell of a context.</summary>
    public int FirstCell(int context) => context == 0 ? 0 : _firstCells[context];

    /// <summary>Counts the values of all cells and joins cells.</summary>
    /// <returns>About how many bits all values and tables take.</returns>
    public long Choose(ContextAnsCells cells)
    {
        Count(cells);
        ContextCount = 0;
        for (int cell = 0; cell < ContextAnsModel.Cells; cell++)
        {
            ReadOnlySpan<int> counts = _counts.AsSpan(cell * ContextAnsTables.Symbols, ContextAnsTables.Symbols);
            long cost = CostOf(counts, default);
            if (cost > 0)
            {
                _firstCells[ContextCount] = cell;
                _costs[ContextCount++] = cost;
            }
        }

        for (int context = 0; context < ContextCount - 1; context++)
        {
            _gains[context] = GainOfJoining(context);
        }

        while (ContextCount > 1)
        {
            ReadOnlySpan<long> gains = _gains.AsSpan(0, ContextCount - 1);
            int best = 0;
            for (int context = 1; context < gains.Length; context++)
            {
                best = gains[context] > gains[best] ? context : best;
            }

            if (gains[best] <= 0 && ContextCount <= MostContexts)
            {
                break;
            }

            Join(best);
        }

        long sum = 0;
        foreach (long cost in _costs.AsSpan(0, ContextCount))
        {
            sum += cost;
        }

        return sum >> FractionBits;
    }

    [MethodImpl(KernelMethod.Options)]
    private void Count(ContextAnsCells cells)
    {
        _counts.AsSpan().Clear();
        for (int group = 0; group < cells.GroupCount; group++)
        {
            int first = group * cells.GroupLength;
            ReadOnlySpan<byte> symbols = cells.Symbols.Slice(first, cells.GroupLength);
            ReadOnlySpan<byte> cellOf = cells.Cells.Slice(first, cells.GroupLength);
            if (cells.IsWhole(group))
            {
                for (int i = 0; i < symbols.Length; i++)
                {
                    _counts[(cellOf[i] << 8) | symbols[i]]++;
                }
            }
            else
            {
                int start = (int)cells.FirstElementOf(group);
                for (int i = Math.Max(0, -start); i < cells.GroupLength && start + i < cells.PlaneLength; i++)
                {
                    int place = (i % cells.Shape.Tile * ContextAnsModel.Lanes) + (i / cells.Shape.Tile);
                    _counts[(cellOf[place] << 8) | symbols[place]]++;
                }
            }
        }
    }

    private void Join(int context)
    {
        Span<int> into = _counts.AsSpan(_firstCells[context] * ContextAnsTables.Symbols, ContextAnsTables.Symbols);
        ReadOnlySpan<int> from = this[context + 1];
        for (int symbol = 0; symbol < into.Length; symbol++)
        {
            into[symbol] += from[symbol];
        }

        ContextCount--;
        for (int i = context + 1; i < ContextCount; i++)
        {
            _firstCells[i] = _firstCells[i + 1];
            _costs[i] = _costs[i + 1];
            _gains[i - 1] = _gains[i];
        }

        _costs[context] = CostOf(into, default);
        if (context > 0)
        {
            _gains[context - 1] = GainOfJoining(context - 1);
        }

        if (context < ContextCount - 1)
        {
            _gains[context] = GainOfJoining(context);
        }
    }

    private long GainOfJoining(int context) => _costs[context] + _costs[context + 1] - CostOf(this[context], this[context + 1]);

    // Bits times 2^12 of the values of one or two contexts in one table, and of the table; 0 for no values.
    [MethodImpl(KernelMethod.Options)]
    private long CostOf(ReadOnlySpan<int> counts, ReadOnlySpan<int> more)
    {
        Span<int> all = _joined;
        counts.CopyTo(all);
        for (int symbol = 0; symbol < more.Length; symbol++)
        {
            all[symbol] += more[symbol];
        }

        long total = 0;
        long sum = 0;
        int entries = 0;
        foreach (int count in all)
        {
            if (count > 0)
            {
                total += count;
                sum += count * Logarithm(count);
                entries++;
            }
        }

        return total == 0 ? 0 : (total * Logarithm((int)total)) - sum + ((((long)entries * EntryBits) + BorderBits) << FractionBits);
    }

    // Between two of the table's values on a line: 10 bits are exact.
    private static long Logarithm(int value)
    {
        const int TableBits = 8;
        const int Dropped = BinaryLogarithm.FractionBits - FractionBits;
        int shift = BitOperations.Log2((uint)value) - TableBits + 1;
        if (shift <= 0)
        {
            return BinaryLogarithm.Of(value) >> Dropped;
        }

        int high = value >> shift;
        long below = BinaryLogarithm.Of(high);
        long fraction = value & ((1 << shift) - 1);
        return ((below + (((BinaryLogarithm.Of(high + 1) - below) * fraction) >> shift)) >> Dropped) + ((long)shift << FractionBits);
    }
}
