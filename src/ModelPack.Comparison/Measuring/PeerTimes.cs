namespace ModelPack.Comparison.Measuring;

/// <summary>What one direction of one peer took, round by round.</summary>
internal sealed class PeerTimes(long bytes)
{
    private readonly List<double> _bytesPerNanosecond = [];

    /// <summary>Adds a round.</summary>
    public void Add(TimeSpan time) => _bytesPerNanosecond.Add(bytes / time.TotalNanoseconds);

    /// <summary>GB/s of original bytes, GB = 10⁹ bytes: the median round.</summary>
    public double GigabytesPerSecond => Median(_bytesPerNanosecond);

    /// <summary>The middle value; of an even number the mean of the middle two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? throw new ArgumentException("has no values", nameof(values))
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
