namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Deals a stream's words out to a decoding kernel, so that it can load a word for every window and step without a check:
/// in batches of as many steps as are safe, and at the end from a copy with the zero words that follow without end.
/// </summary>
internal unsafe struct LaneAnsWordSupply(byte* words, int length, int windows, byte* tail)
{
    /// <summary>Bytes of the buffer for the copy.</summary>
    public const int TailLength = (1 + TailSteps) * LaneAnsLanes.MaxWindows * sizeof(ulong);

    private const int TailSteps = 16;

    private readonly int _mostPerStep = windows * sizeof(ulong);

    /// <summary>Bytes of stored words used so far.</summary>
    public int Used { get; private set; }

    /// <summary>Provides for the next steps; false when none are left.</summary>
    /// <param name="steps">Steps to go; lowered by <paramref name="batch"/>.</param>
    /// <param name="from">Words for these steps.</param>
    /// <param name="batch">How many steps may be taken.</param>
    public readonly bool Take(ref int steps, out byte* from, out int batch)
    {
        int left = length - Used;
        if (left >= _mostPerStep)
        {
            from = words + Used;
            batch = Math.Min(steps, left / _mostPerStep);
        }
        else
        {
            var copy = new Span<byte>(tail, TailLength);
            new ReadOnlySpan<byte>(words + Used, left).CopyTo(copy);
            copy[left..].Clear();
            from = tail;
            batch = Math.Min(steps, TailSteps);
        }

        steps -= batch;
        return batch > 0;
    }

    /// <summary>Says how many bytes of words the steps used, stored or not.</summary>
    public void Use(int bytes) => Used = Math.Min(length, Used + bytes);
}
