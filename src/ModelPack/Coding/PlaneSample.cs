namespace ModelPack.Coding;

/// <summary>
/// A part of a plane that stands for all of it: runs at equal distances, so that parts of different scale are all met. Which
/// bytes are taken depends on the plane's length alone.
/// </summary>
internal static class PlaneSample
{
    /// <summary>Bytes of a sample.</summary>
    public const int Length = Runs * RunLength;

    /// <summary>Bytes of each run.</summary>
    public const int RunLength = 512;

    // Runs start at multiples of a group of values, so that splitting sampled elements gives the sample of the planes.
    private const int RunAlignment = 64;
    private const int Runs = 16;

    // Below, counting everything costs little; above, a plane is no part of a large tensor and may be of many kinds.
    private const int LeastPlane = 4 * Length;
    private const int MostPlane = 32 * Length;

    /// <summary>Whether a plane of this length is judged by a sample.</summary>
    public static bool Represents(int planeLength) => planeLength is >= LeastPlane and <= MostPlane;

    /// <summary>Takes the sample.</summary>
    /// <param name="source">A plane, or the elements that it will be cut from.</param>
    /// <param name="unit">Bytes of an element, 1 for a plane.</param>
    /// <param name="sample">Receives <see cref="Length"/> units.</param>
    public static void Take(ReadOnlySpan<byte> source, int unit, Span<byte> sample)
    {
        int distance = source.Length / unit / Runs;
        for (int run = 0; run < Runs; run++)
        {
            int start = (run * distance) & -RunAlignment;
            source.Slice(start * unit, RunLength * unit).CopyTo(sample[(run * RunLength * unit)..]);
        }
    }
}
