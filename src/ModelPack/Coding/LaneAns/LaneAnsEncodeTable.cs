namespace ModelPack.Coding.LaneAns;

/// <summary>How each byte value is coded from each state.</summary>
internal sealed class LaneAnsEncodeTable : ILaneAnsVectorTable
{
    /// <summary>One entry for each byte value.</summary>
    public readonly LaneAnsEncodeEntry[] Entries = new LaneAnsEncodeEntry[256];

    /// <summary>The states of slot 0 ascending, then those of slot 1, and so on.</summary>
    public readonly byte[] Successors = new byte[LaneAnsTable.MaxStates];

    /// <summary>For vectors, the slot of each byte value; <see cref="LiteralSlot"/> for one that is not in the table.</summary>
    public readonly byte[] Slots = new byte[256];

    /// <summary>For vectors, by slot: from this state on, <see cref="MostBits"/> are written, below it one fewer.</summary>
    public readonly byte[] Thresholds = new byte[MaxSlots];

    /// <summary>For vectors, by slot.</summary>
    public readonly byte[] MostBits = new byte[MaxSlots];

    /// <summary>For vectors, by slot: <see cref="LaneAnsEncodeEntry.SuccessorBias"/> modulo 256.</summary>
    public readonly byte[] Biases = new byte[MaxSlots];

    /// <summary>For vectors, by number of bits from 0 to 8: 2^L shifted right by it, modulo 256.</summary>
    public readonly byte[] TopBits = new byte[16];

    /// <summary>
    /// For vectors, one entry for each byte value, its fields in four bytes from the lowest on: the threshold, the fewest bits
    /// (one less than the most), the bias modulo 256, and all ones for a literal.
    /// </summary>
    public readonly uint[] VectorEntries = new uint[256];

    /// <summary>Where in its vector part each table begins, and the literal slot.</summary>
    public const int SlotsAt = 0, SuccessorsAt = 256, ThresholdsAt = 512, MostBitsAt = 576, BiasesAt = 640, TopBitsAt = 704, LiteralSlotAt = 720;

    /// <summary>Bytes of the vector part.</summary>
    public const int VectorBytes = 768;

    // A register of bytes.
    private const int MaxSlots = 64;

    static int ILaneAnsVectorTable.VectorsLength => VectorBytes;

    /// <summary>Number of states, 2^L.</summary>
    public int States { get; private set; }

    /// <summary>What <see cref="Slots"/> has for a byte that goes to the literals.</summary>
    public byte LiteralSlot { get; private set; }

    /// <summary>Begins a table in which every byte is a literal.</summary>
    /// <param name="stateBits">L.</param>
    /// <param name="literalSlot">The slot behind the last symbol.</param>
    /// <param name="literal">How literals are coded.</param>
    public void Reset(int stateBits, int literalSlot, LaneAnsEncodeEntry literal)
    {
        States = 1 << stateBits;
        LiteralSlot = (byte)literalSlot;
        Array.Fill(Entries, literal);
        Array.Fill(Slots, LiteralSlot);
        SetSlot(literalSlot, literal);
        Array.Fill(VectorEntries, VectorEntryOf(literalSlot, literal));
        for (int bits = 0; bits <= LaneAnsTable.MaxStateBits; bits++)
        {
            TopBits[bits] = (byte)(States >> bits);
        }
    }

    /// <summary>Sets how a symbol is coded.</summary>
    public void Set(byte symbol, int slot, LaneAnsEncodeEntry entry)
    {
        Entries[symbol] = entry;
        Slots[symbol] = (byte)slot;
        SetSlot(slot, entry);
        VectorEntries[symbol] = VectorEntryOf(slot, entry);
    }

    private uint VectorEntryOf(int slot, LaneAnsEncodeEntry entry) =>
        Thresholds[slot]
        | ((uint)(byte)(MostBits[slot] - 1) << 8)
        | ((uint)Biases[slot] << 16)
        | (entry.IsLiteral != 0 ? 0xFFU << 24 : 0);

    public void CopyVectorsTo(Span<byte> vectors)
    {
        Slots.CopyTo(vectors[SlotsAt..]);
        Successors.CopyTo(vectors[SuccessorsAt..]);
        Thresholds.CopyTo(vectors[ThresholdsAt..]);
        MostBits.CopyTo(vectors[MostBitsAt..]);
        Biases.CopyTo(vectors[BiasesAt..]);
        TopBits.CopyTo(vectors[TopBitsAt..]);
        vectors[LiteralSlotAt] = LiteralSlot;
    }

    private void SetSlot(int slot, LaneAnsEncodeEntry entry)
    {
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
