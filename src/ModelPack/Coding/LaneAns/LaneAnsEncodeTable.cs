namespace ModelPack.Coding.LaneAns;

/// <summary>How each byte value is coded from each state.</summary>
internal sealed class LaneAnsEncodeTable : ILaneAnsVectorTable
{
    /// <summary>Where in its vector part each table begins, and the literal slot.</summary>
    public const int SlotsAt = 0, SuccessorsAt = 256, ThresholdsAt = 512, MostBitsAt = 576, BiasesAt = 640, TopBitsAt = 704, LiteralSlotAt = 720;

    /// <summary>Bytes of the vector part.</summary>
    public const int VectorBytes = 768;

    // A register of bytes.
    private const int MaxSlots = 64;

    private readonly LaneAnsEncodeEntry[] _entryOfSlot = new LaneAnsEncodeEntry[MaxSlots];
    private readonly LaneAnsEncodeEntry[] _entries = new LaneAnsEncodeEntry[256];
    private readonly uint[] _vectorEntries = new uint[256];
    private Memory<byte> _vectors = new byte[VectorBytes];
    private bool _hasEntries;
    private bool _hasVectorEntries;

    static int ILaneAnsVectorTable.VectorsLength => VectorBytes;

    /// <summary>One entry for each byte value.</summary>
    /// <remarks>Made when first asked for, as are the <see cref="VectorEntries"/>: no kernel needs all tables.</remarks>
    public LaneAnsEncodeEntry[] Entries
    {
        get
        {
            if (!_hasEntries)
            {
                ReadOnlySpan<byte> slots = Slots;
                for (int value = 0; value < _entries.Length; value++)
                {
                    _entries[value] = _entryOfSlot[slots[value]];
                }

                _hasEntries = true;
            }

            return _entries;
        }
    }

    /// <summary>
    /// For vectors, one entry for each byte value, its fields in four bytes from the lowest on: the threshold, the fewest bits
    /// (one less than the most), the bias modulo 256, and all ones for a literal.
    /// </summary>
    public uint[] VectorEntries
    {
        get
        {
            if (!_hasVectorEntries)
            {
                ReadOnlySpan<byte> slots = Slots;
                for (int value = 0; value < _vectorEntries.Length; value++)
                {
                    _vectorEntries[value] = VectorEntryOf(slots[value]);
                }

                _hasVectorEntries = true;
            }

            return _vectorEntries;
        }
    }

    /// <summary>The states of slot 0 ascending, then those of slot 1, and so on.</summary>
    public Span<byte> Successors => _vectors.Span.Slice(SuccessorsAt, LaneAnsTable.MaxStates);

    /// <summary>The slot of each byte value; <see cref="LiteralSlot"/> for one that is not in the table.</summary>
    public Span<byte> Slots => _vectors.Span.Slice(SlotsAt, 256);

    /// <summary>By number of bits from 0 to 8: 2^L shifted right by it, modulo 256.</summary>
    public Span<byte> TopBits => _vectors.Span.Slice(TopBitsAt, 16);

    /// <summary>Number of states, 2^L.</summary>
    public int States { get; private set; }

    /// <summary>What <see cref="Slots"/> has for a byte that goes to the literals.</summary>
    public byte LiteralSlot { get; private set; }

    // By slot: from this state on, the most bits are written, below it one fewer.
    private Span<byte> Thresholds => _vectors.Span.Slice(ThresholdsAt, MaxSlots);

    private Span<byte> MostBits => _vectors.Span.Slice(MostBitsAt, MaxSlots);

    // By slot, modulo 256.
    private Span<byte> Biases => _vectors.Span.Slice(BiasesAt, MaxSlots);

    public void Place(Memory<byte> vectors) => _vectors = vectors;

    /// <summary>Begins a table in which every byte is a literal.</summary>
    /// <param name="stateBits">L.</param>
    /// <param name="literalSlot">The slot behind the last symbol.</param>
    /// <param name="literal">How literals are coded.</param>
    public void Reset(int stateBits, int literalSlot, LaneAnsEncodeEntry literal)
    {
        States = 1 << stateBits;
        LiteralSlot = (byte)literalSlot;
        _vectors.Span[LiteralSlotAt] = LiteralSlot;
        _hasEntries = false;
        _hasVectorEntries = false;
        Slots.Fill(LiteralSlot);
        SetSlot(literalSlot, literal);
        Span<byte> topBits = TopBits;
        for (int bits = 0; bits <= LaneAnsTable.MaxStateBits; bits++)
        {
            topBits[bits] = (byte)(States >> bits);
        }
    }

    /// <summary>Sets how a symbol is coded.</summary>
    public void Set(byte symbol, int slot, LaneAnsEncodeEntry entry)
    {
        Slots[symbol] = (byte)slot;
        SetSlot(slot, entry);
    }

    private uint VectorEntryOf(int slot) =>
        Thresholds[slot]
        | ((uint)(byte)(MostBits[slot] - 1) << 8)
        | ((uint)Biases[slot] << 16)
        | (_entryOfSlot[slot].IsLiteral != 0 ? 0xFFU << 24 : 0);

    private void SetSlot(int slot, LaneAnsEncodeEntry entry)
    {
        _entryOfSlot[slot] = entry;

        // From the entry's definition: x + bias reaches most << 16 where x is (frequency << most), 2^L to 2^(L+1) - 1.
        int most = (entry.BitsBias + (2 * States)) >> 16;
        MostBits[slot] = (byte)most;
        Thresholds[slot] = (byte)((most << 16) - entry.BitsBias - States);
        Biases[slot] = (byte)entry.SuccessorBias;
    }
}

/// <summary>
/// How a byte value is coded from state s, with x = s + 2^L: the lowest <c>n = (x + BitsBias) >> 16</c> bits of x are
/// written, and the state becomes <c>Successors[(x >> n) + SuccessorBias]</c>.
/// </summary>
internal struct LaneAnsEncodeEntry
{
    public int BitsBias;
    public short SuccessorBias;

    /// <summary>1 when the byte itself goes to the literals.</summary>
    public byte IsLiteral;
}
