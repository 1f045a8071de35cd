namespace ModelPack.Coding;

/// <summary>
/// A part of a plane that stands for all of it: a few windows, wide enough to show repetition, and many short runs at equal
/// distances, so that parts of different scale (output channels, say) are all met. Which bytes are taken depends on the
/// plane's length alone.
/// </summary>
internal static class PlaneSample
{
    /// <summary>Bytes of a sample: the windows first, then every second run, then the others.</summary>
    public const int Length = WindowsLength + (Runs * RunLength);

    /// <summary>Bytes of the windows together.</summary>
    public const int WindowsLength = Windows * WindowLength;

    /// <summary>The first bytes of a sample, which alone stand for the plane too, less exactly.</summary>
    public const int HalfLength = WindowsLength + (Runs / 2 * RunLength);

    // Runs and windows start at multiples of a group of values and are as long or longer, so that splitting sampled
    // elements gives the sample of the planes.
    private const int RunLength = 64;
    private const int Runs = 104;
    private const int WindowLength = 8 * RunLength;
    private const int Windows = 3;

    // Below, counting everything costs little; above, a plane is no part of a large tensor and may be of many kinds.
    private const int LeastPlane = 4 * Length;
    private const int MostPlane = 32 * Length;

    /// <summary>Whether a plane of this length is judged by a sample.</summary>
    public static bool Represents(int planeLength) => planeLength is >= LeastPlane and <= MostPlane;

    /// <summary>Takes the sample.</summary>
    /// <param name="source">A plane, or the elements that it will be cut from.</param>
    /// <param name="unit">Bytes of an element, 1 for a plane.</param>
    /// <param name="sample">Receives <see cref="Length"/> units.</param>
    public static void Take(ReadOnlySpan<byte> source, int unit, Span<byte> sample) =>
        TakeRuns(source, source.Length / unit, RunLength * unit, sample);

    /// <summary>Takes the sample of a plane of which each byte is of four elements.</summary>
    /// <param name="source">The plane.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="sample">Receives a quarter of <see cref="Length"/> bytes.</param>
    public static void TakeQuarters(ReadOnlySpan<byte> source, int count, Span<byte> sample) => TakeRuns(source, count, RunLength / 4, sample);

    private static void TakeRuns(ReadOnlySpan<byte> source, int count, int runBytes, Span<byte> sample)
    {
        for (int window = 0; window < Windows; window++)
        {
            TakeRun(source, runBytes, (count - WindowLength) / (Windows - 1) * window, WindowLength, ref sample);
        }

        for (int run = 0; run < Runs; run += 2)
        {
            TakeRun(source, runBytes, count / Runs * run, RunLength, ref sample);
        }

        for (int run = 1; run < Runs; run += 2)
        {
            TakeRun(source, runBytes, count / Runs * run, RunLength, ref sample);
        }
    }

    private static void TakeRun(ReadOnlySpan<byte> source, int runBytes, int start, int count, ref Span<byte> sample)
    {
        ReadOnlySpan<byte> taken = source.Slice(start / RunLength * runBytes, count / RunLength * runBytes);
        taken.CopyTo(sample);
        sample = sample[taken.Length..];
    }
}
