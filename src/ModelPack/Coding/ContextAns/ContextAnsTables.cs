using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>The frequencies of each context's symbols (SPEC.md, "Tables").</summary>
internal sealed class ContextAnsTables
{
    public const int Symbols = 256;

    private readonly short[] _frequencies = new short[ContextAnsModel.MaxContexts * Symbols];

    public int ContextCount { get; private set; }

    /// <summary>Forgets all frequencies.</summary>
    public void Reset(int contextCount)
    {
        ContextCount = contextCount;
        _frequencies.AsSpan(0, contextCount * Symbols).Clear();
    }

    /// <summary>Frequency of each byte in a context; 256 entries.</summary>
    public Span<short> this[int context] => _frequencies.AsSpan(context * Symbols, Symbols);

    /// <summary>Frequency at 256 times the context and the byte.</summary>
    public int Frequency(int index) => _frequencies[index];

    /// <summary>Writes the tables; false when they do not fit.</summary>
    public bool TryWrite(ContextAnsKind kind, int lowest, ref BitWriter writer)
    {
        for (int context = 0; context < ContextCount; context++)
        {
            int before = 0;
            int left = ContextAnsModel.Total;
            for (int value = lowest; left > 0; value++)
            {
                int symbol = ContextAnsModel.SymbolOf(kind, value);
                int expected = Expected(context, symbol, before);
                int frequency = this[context][symbol];
                if (!ContextAnsNumbers.TryWrite(Fold(frequency, expected), OrderOf(expected), ref writer))
                {
                    return false;
                }

                before = frequency;
                left -= frequency;
            }
        }

        return true;
    }

    /// <summary>Reads the tables.</summary>
    /// <exception cref="ModelPackException">A table does not add up.</exception>
    public void Read(ContextAnsKind kind, int lowest, int contextCount, ref BitReader reader)
    {
        Reset(contextCount);
        for (int context = 0; context < contextCount; context++)
        {
            int before = 0;
            int left = ContextAnsModel.Total;
            for (int value = lowest; left > 0; value++)
            {
                if (value == Symbols)
                {
                    ContextAnsThrow.Corrupt($"the frequencies of context {context} add up to {ContextAnsModel.Total - left} of {ContextAnsModel.Total}");
                }

                int symbol = ContextAnsModel.SymbolOf(kind, value);
                int expected = Expected(context, symbol, before);
                int frequency = Unfold(ContextAnsNumbers.Read(OrderOf(expected), ref reader), expected);
                if (frequency > left)
                {
                    ContextAnsThrow.Corrupt($"a frequency of {frequency} in context {context}, where {left} are left");
                }

                this[context][symbol] = (short)frequency;
                before = frequency;
                left -= frequency;
            }
        }
    }

    private int Expected(int context, int symbol, int before) =>
        context == 0 ? before : (before + _frequencies[((context - 1) * Symbols) + symbol] + 1) >> 1;

    // About half the bits of what is expected: the spread of a count is its root.
    private static int OrderOf(int expected) => expected == 0 ? 0 : (System.Numerics.BitOperations.Log2((uint)expected) + 1) / 2;

    // Numbers near what is expected first, above and below in turn.
    private static int Fold(int frequency, int expected)
    {
        int difference = frequency - expected;
        return frequency > 2 * expected ? frequency : difference > 0 ? (2 * difference) - 1 : -2 * difference;
    }

    private static int Unfold(int folded, int expected) =>
        folded > 2 * expected ? folded : (folded & 1) != 0 ? expected + ((folded + 1) / 2) : expected - (folded / 2);
}
