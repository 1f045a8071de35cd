namespace ModelPack.Coding;

/// <summary>
/// Codes one byte plane. Implementations are stateless; what they need between calls lives in the
/// <see cref="CodingWorkspace"/> of the calling thread, so that coding allocates nothing in steady state.
/// </summary>
internal interface IPlaneCoder
{
    CoderId Id { get; }

    /// <summary>Name for users: in <c>list</c> and <c>--coder</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The coded size in bytes for a plane with this histogram, exact, close or, where a plane's places differ, too large;
    /// <see cref="long.MaxValue"/> when the coder cannot take such a plane, null when only coding it can tell.
    /// </summary>
    long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace);

    /// <summary>
    /// Codes <paramref name="plane"/> (1 to <see cref="PlaneLimits.MaxPlaneLength"/> bytes) into <paramref name="coded"/>.
    /// The bytes written depend on the plane alone, never on the machine or the length of <paramref name="coded"/>.
    /// </summary>
    /// <param name="plane">The plane.</param>
    /// <param name="histogram">Counts of exactly this plane, or where the coder says so of a sample.</param>
    /// <param name="coded">Room for the coded bytes.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    /// <returns>False when the coded plane does not fit, or this coder cannot take such a plane; then use another.</returns>
    bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written);

    /// <summary>
    /// Restores a plane: fills all of <paramref name="plane"/> (1 to <see cref="PlaneLimits.MaxPlaneLength"/> bytes).
    /// Strict: the coded bytes must be used up exactly and every padding bit be zero, so that no changed bit of
    /// <paramref name="coded"/> can leave the result as it was.
    /// </summary>
    /// <exception cref="ModelPackException">
    /// <see cref="ModelPackError.Corrupt"/>: <paramref name="coded"/> is not what an encoder writes. The contents of
    /// <paramref name="plane"/> are then undefined, but nothing outside it was touched.
    /// </exception>
    void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace);
}

/// <summary>Sizes every coder relies on.</summary>
internal static class PlaneLimits
{
    /// <summary>Most bytes in one plane: 16 MiB (Container/FORMAT.md, "Limits").</summary>
    public const int MaxPlaneLength = 1 << 24;
}
