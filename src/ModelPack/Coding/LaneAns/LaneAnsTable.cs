using System.Numerics;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Symbols and frequencies of one plane and the coding tables that follow from them (SPEC.md, "Table").
/// Slot i is the symbol at index i; the slot behind the last symbol is the escape.
/// </summary>
internal sealed class LaneAnsTable
{
    public const int MaxSymbols = 40;
    public const int MinStateBits = 7;
    public const int MaxStateBits = 8;
    public const int MaxStates = 1 << MaxStateBits;

    private readonly byte[] _symbols = new byte[MaxSymbols];
    private readonly int[] _frequencies = new int[MaxSymbols];
    private readonly byte[] _slots = new byte[MaxStates];
    private readonly int[] _next = new int[MaxSymbols + 1];

    /// <summary>L: there are 2^L states.</summary>
    public int StateBits { get; private set; } = MaxStateBits;

    /// <summary>The symbols of the table, ascending.</summary>
    public ReadOnlySpan<byte> Symbols => _symbols.AsSpan(0, SymbolCount);

    /// <summary>Frequency of each symbol, at least 1.</summary>
    public ReadOnlySpan<int> Frequencies => _frequencies.AsSpan(0, SymbolCount);

    /// <summary>Number of symbols, at most <see cref="MaxSymbols"/>.</summary>
    public int SymbolCount { get; private set; }

    /// <summary>Frequency of the escape: what the symbols leave of 2^L. At 0 no escape can be coded.</summary>
    public int EscapeFrequency { get; private set; }

    /// <summary>Stands for an escape where the decode table has a symbol: the largest byte that is not one.</summary>
    public byte EscapeMarker
    {
        get
        {
            int marker = 255;
            for (int i = SymbolCount - 1; i >= 0 && _symbols[i] == marker; i--)
            {
                marker--;
            }

            return (byte)marker;
        }
    }

    /// <summary>Starts a table without symbols, in which every state is an escape.</summary>
    public void Reset(int stateBits)
    {
        StateBits = stateBits;
        SymbolCount = 0;
        EscapeFrequency = 1 << stateBits;
    }

    /// <summary>
    /// Appends a symbol; false, and nothing appended, when it does not ascend, the table is full or the frequency
    /// is not from 1 to <see cref="EscapeFrequency"/>.
    /// </summary>
    public bool TryAdd(byte symbol, int frequency)
    {
        bool ascends = SymbolCount == 0 || symbol > _symbols[SymbolCount - 1];
        if (!ascends || SymbolCount == MaxSymbols || frequency < 1 || frequency > EscapeFrequency)
        {
            return false;
        }

        _symbols[SymbolCount] = symbol;
        _frequencies[SymbolCount++] = frequency;
        EscapeFrequency -= frequency;
        return true;
    }

    /// <summary>Fills the decode tables.</summary>
    public void Build(LaneAnsDecodeTable decode)
    {
        Spread();
        byte marker = EscapeMarker;
        Span<byte> symbolOf = stackalloc byte[MaxSymbols + 1];
        Symbols.CopyTo(symbolOf);
        symbolOf[SymbolCount] = marker;
        for (int slot = 0; slot <= SymbolCount; slot++)
        {
            _next[slot] = FrequencyOf(slot);
        }

        int states = 1 << StateBits;
        ReadOnlySpan<byte> slots = _slots.AsSpan(0, states);
        Span<byte> symbols = decode.Symbols.AsSpan(0, states);
        Span<byte> bits = decode.Bits.AsSpan(0, states);
        Span<byte> bases = decode.Bases.AsSpan(0, states);
        for (int state = 0; state < states; state++)
        {
            int slot = slots[state];
            // Runs from f to 2f - 1 over the states of a slot, so that x << read lies from 2^L to 2^(L+1) - 1.
            int x = _next[slot]++;
            int read = StateBits - BitOperations.Log2((uint)x);
            symbols[state] = symbolOf[slot];
            bits[state] = (byte)read;
            bases[state] = (byte)((x << read) - states);
        }

        decode.Complete(StateBits, marker);
    }

    /// <summary>Fills the encode tables.</summary>
    public void Build(LaneAnsEncodeTable encode)
    {
        Spread();
        int states = 1 << StateBits;
        int first = 0;
        for (int slot = 0; slot <= SymbolCount; slot++)
        {
            _next[slot] = first;
            first += FrequencyOf(slot);
        }

        // Without escapes no byte of the plane is outside the table; slot 0 keeps even a wrong plane within the tables.
        int escapeSlot = EscapeFrequency > 0 ? SymbolCount : 0;
        encode.Reset(StateBits, SymbolCount, EntryOf(escapeSlot, isLiteral: true));
        for (int slot = 0; slot < SymbolCount; slot++)
        {
            encode.Set(_symbols[slot], slot, EntryOf(slot, isLiteral: false));
        }

        for (int state = 0; state < states; state++)
        {
            encode.Successors[_next[_slots[state]]++] = (byte)state;
        }
    }

    private int FrequencyOf(int slot) => slot == SymbolCount ? EscapeFrequency : _frequencies[slot];

    private LaneAnsEncodeEntry EntryOf(int slot, bool isLiteral)
    {
        int frequency = FrequencyOf(slot);
        // The most bits a step writes; states x (2^L to 2^(L+1) - 1) below frequency << most write one fewer.
        int most = StateBits - BitOperations.Log2((uint)frequency);
        return new LaneAnsEncodeEntry
        {
            BitsBias = (most << 16) - (frequency << most),
            SuccessorBias = (short)(_next[slot] - frequency),
            IsLiteral = isLiteral ? (byte)1 : (byte)0,
        };
    }

    // Deals the states out to the slots in an odd stride, so that every state is met once and each slot's lie apart.
    private void Spread()
    {
        int states = 1 << StateBits;
        int stride = (states >> 1) + (states >> 3) + 3;
        int state = 0;
        for (int slot = 0; slot <= SymbolCount; slot++)
        {
            for (int i = FrequencyOf(slot); i > 0; i--)
            {
                _slots[state] = (byte)slot;
                state = (state + stride) & (states - 1);
            }
        }
    }
}
