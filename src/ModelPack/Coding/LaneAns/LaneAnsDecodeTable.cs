namespace ModelPack.Coding.LaneAns;

/// <summary>What a state decodes to, once as byte tables and once packed for scalar look-up.</summary>
internal sealed class LaneAnsDecodeTable : ILaneAnsVectorTable
{
    /// <summary>Shifts of the fields of <see cref="Entries"/>; the number of bits is the lowest byte.</summary>
    public const int SymbolShift = 8, BaseShift = 16, MaskShift = 24, EscapeShift = 40;

    /// <summary>For vectors, which take the lowest four bytes of each of the <see cref="Entries"/>: from one to the next in such units.</summary>
    public const int EntryStride = 2;

    /// <summary>Where in its vector part each table begins, and the escape marker.</summary>
    public const int BitsAt = 0, BasesAt = LaneAnsTable.MaxStates, SymbolsAt = 2 * LaneAnsTable.MaxStates, MarkerAt = 3 * LaneAnsTable.MaxStates;

    /// <summary>Bytes of the vector part.</summary>
    public const int VectorBytes = MarkerAt + 128;

    private Memory<byte> _vectors = new byte[VectorBytes];

    private readonly ulong[] _entries = new ulong[LaneAnsTable.MaxStates];
    private bool _hasEntries;

    static int ILaneAnsVectorTable.VectorsLength => VectorBytes;

    /// <summary>
    /// By state: the number of bits it reads, at most 8; what they are added to for the next state, the sum being below the
    /// number of states; and its symbol, <see cref="EscapeMarker"/> for an escape. Each starts where its constant says.
    /// </summary>
    public Span<byte> Vectors => _vectors.Span;

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

    public void Place(Memory<byte> vectors) => _vectors = vectors;

    /// <summary>Takes over what is in the byte tables.</summary>
    public void Complete(int stateBits, byte escapeMarker)
    {
        StateBits = stateBits;
        EscapeMarker = escapeMarker;
        Vectors[MarkerAt] = escapeMarker;
        _hasEntries = false;
    }

    private void MakeEntries()
    {
        ReadOnlySpan<byte> vectors = Vectors;
        for (int state = 0; state < 1 << StateBits; state++)
        {
            byte bits = vectors[BitsAt + state];
            byte symbol = vectors[SymbolsAt + state];
            ulong mask = (1UL << bits) - 1;
            ulong escapes = symbol == EscapeMarker ? 1UL : 0;
            _entries[state] = bits
                | ((ulong)symbol << SymbolShift)
                | ((ulong)vectors[BasesAt + state] << BaseShift)
                | (mask << MaskShift)
                | (escapes << EscapeShift);
        }
    }
}
