namespace ModelPack.Coding.LaneAns;

/// <summary>How each byte value is coded from each state.</summary>
internal sealed class LaneAnsEncodeTable
{
    /// <summary>One entry for each byte value.</summary>
    public readonly LaneAnsEncodeEntry[] Entries = new LaneAnsEncodeEntry[256];

    /// <summary>The states of slot 0 ascending, then those of slot 1, and so on.</summary>
    public readonly byte[] Successors = new byte[LaneAnsTable.MaxStates];

    /// <summary>Number of states, 2^L.</summary>
    public int States { get; set; }
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
