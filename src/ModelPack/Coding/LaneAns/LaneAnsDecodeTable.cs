namespace ModelPack.Coding.LaneAns;

/// <summary>What a state decodes to, once as byte tables and once packed for scalar look-up.</summary>
internal sealed class LaneAnsDecodeTable
{
    /// <summary>Shifts of the fields of <see cref="Entries"/>; the number of bits is the lowest byte.</summary>
    public const int SymbolShift = 8, BaseShift = 16, MaskShift = 24, EscapeShift = 40;

    /// <summary>For vectors, which take the lowest four bytes of each of the <see cref="Entries"/>: from one to the next in such units.</summary>
    public const int EntryStride = 2;

    /// <summary>Symbol of each state, <see cref="EscapeMarker"/> for an escape.</summary>
    public readonly byte[] Symbols = new byte[LaneAnsTable.MaxStates];

    /// <summary>Number of bits each state reads, at most 8.</summary>
    public readonly byte[] Bits = new byte[LaneAnsTable.MaxStates];

    /// <summary>What the bits read are added to for the next state; the sum is below the number of states.</summary>
    public readonly byte[] Bases = new byte[LaneAnsTable.MaxStates];

    /// <summary>
    /// All of it in one look-up, with the mask of the bits read. The sum of eight entries keeps the number of bits
    /// (at most 64) in its lowest 7 bits and the number of escapes above <see cref="EscapeShift"/>.
    /// </summary>
    public readonly ulong[] Entries = new ulong[LaneAnsTable.MaxStates];

    /// <summary>L: only the first 2^L entries of each table count.</summary>
    public int StateBits { get; set; }

    public byte EscapeMarker { get; set; }

    public void Set(int state, byte symbol, int bits, int nextBase, bool isEscape)
    {
        Symbols[state] = symbol;
        Bits[state] = (byte)bits;
        Bases[state] = (byte)nextBase;
        ulong mask = (1UL << bits) - 1;
        ulong escapes = isEscape ? 1UL : 0;
        Entries[state] = Bits[state]
            | ((ulong)symbol << SymbolShift)
            | ((ulong)Bases[state] << BaseShift)
            | (mask << MaskShift)
            | (escapes << EscapeShift);
    }
}
