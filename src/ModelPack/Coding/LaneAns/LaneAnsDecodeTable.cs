namespace ModelPack.Coding.LaneAns;

/// <summary>What a state decodes to, once as byte tables and once packed for scalar look-up.</summary>
internal sealed class LaneAnsDecodeTable : ILaneAnsVectorTable
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

    private readonly ulong[] _entries = new ulong[LaneAnsTable.MaxStates];
    private bool _hasEntries;

    /// <summary>
    /// All of it in one look-up, with the mask of the bits read. The sum of eight entries keeps the number of bits
    /// (at most 64) in its lowest 7 bits and the number of escapes above <see cref="EscapeShift"/>.
    /// </summary>
    /// <remarks>Made when first asked for: kernels with byte tables in registers do without.</remarks>
    public ulong[] Entries
    {
        get
        {
            if (!_hasEntries)
            {
                MakeEntries();
                _hasEntries = true;
            }

            return _entries;
        }
    }

    /// <summary>L: only the first 2^L entries of each table count.</summary>
    public int StateBits { get; private set; }

    /// <summary>The symbol of every state that is an escape, and of no other.</summary>
    public byte EscapeMarker { get; private set; }

    /// <summary>Takes over what is in the byte tables.</summary>
    public void Complete(int stateBits, byte escapeMarker)
    {
        StateBits = stateBits;
        EscapeMarker = escapeMarker;
        _hasEntries = false;
    }

    private void MakeEntries()
    {
        for (int state = 0; state < 1 << StateBits; state++)
        {
            ulong mask = (1UL << Bits[state]) - 1;
            ulong escapes = Symbols[state] == EscapeMarker ? 1UL : 0;
            _entries[state] = Bits[state]
                | ((ulong)Symbols[state] << SymbolShift)
                | ((ulong)Bases[state] << BaseShift)
                | (mask << MaskShift)
                | (escapes << EscapeShift);
        }
    }

    /// <summary>Where in its vector part each table begins, and the escape marker.</summary>
    public const int BitsAt = 0, BasesAt = LaneAnsTable.MaxStates, SymbolsAt = 2 * LaneAnsTable.MaxStates, MarkerAt = 3 * LaneAnsTable.MaxStates;

    /// <summary>Bytes of the vector part.</summary>
    public const int VectorBytes = MarkerAt + 128;

    static int ILaneAnsVectorTable.VectorsLength => VectorBytes;

    public void CopyVectorsTo(Span<byte> vectors)
    {
        Bits.CopyTo(vectors[BitsAt..]);
        Bases.CopyTo(vectors[BasesAt..]);
        Symbols.CopyTo(vectors[SymbolsAt..]);
        vectors[MarkerAt] = EscapeMarker;
    }
}
