using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

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

    // For each number of state bits, by the number x of a state in its slot (SPEC.md, "Tables"): the bits, and above them the base.
    private static readonly ushort[][] NumberedStates = [NumberStates(MinStateBits), NumberStates(MaxStateBits)];

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
    [MethodImpl(KernelMethod.Options)]
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

        // A slot is at most MaxSymbols, a number below twice the states: none of the indices is checked.
        ref int next = ref MemoryMarshal.GetArrayDataReference(_next);
        ref byte symbol = ref MemoryMarshal.GetReference(symbolOf);
        ref ushort numbered = ref MemoryMarshal.GetArrayDataReference(NumberedStates[StateBits - MinStateBits]);
        ref byte slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref byte vectors = ref MemoryMarshal.GetReference(decode.Vectors[..LaneAnsDecodeTable.VectorBytes]);
        for (nuint state = 0; state < (nuint)(1 << StateBits); state++)
        {
            nuint slot = Unsafe.Add(ref slots, state);
            ushort bitsAndBase = Unsafe.Add(ref numbered, Unsafe.Add(ref next, slot)++);
            Unsafe.Add(ref vectors, LaneAnsDecodeTable.SymbolsAt + state) = Unsafe.Add(ref symbol, slot);
            Unsafe.Add(ref vectors, LaneAnsDecodeTable.BitsAt + state) = (byte)bitsAndBase;
            Unsafe.Add(ref vectors, LaneAnsDecodeTable.BasesAt + state) = (byte)(bitsAndBase >> 8);
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

        Span<byte> successors = encode.Successors[..states];
        for (int state = 0; state < successors.Length; state++)
        {
            successors[_next[_slots[state]]++] = (byte)state;
        }
    }

    // x << bits lies from 2^L to 2^(L+1) - 1, for every x from 1 to there.
    private static ushort[] NumberStates(int stateBits)
    {
        int states = 1 << stateBits;
        ushort[] numbered = new ushort[2 * states];
        for (int x = 1; x < numbered.Length; x++)
        {
            int bits = stateBits - BitOperations.Log2((uint)x);
            numbered[x] = (ushort)(bits | (((x << bits) - states) << 8));
        }

        return numbered;
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
