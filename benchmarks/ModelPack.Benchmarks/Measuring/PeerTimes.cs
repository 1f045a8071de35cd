namespace ModelPack.Benchmarks.Measuring;

/// <summary>What one direction of one peer took, round by round, beside a memory copy of the same bytes just before.</summary>
internal sealed class PeerTimes(long bytes)
{
    private readonly List<double> _bytesPerNanosecond = [];
    private readonly List<double> _timesMemoryCopy = [];

    /// <summary>Adds a round.</summary>
    public void Add(TimeSpan copy, TimeSpan time)
    {
        _bytesPerNanosecond.Add(bytes / time.TotalNanoseconds);
        _timesMemoryCopy.Add(copy / time);
    }

    /// <summary>GB/s of original bytes, GB = 10⁹ bytes: the median round.</summary>
    public double GigabytesPerSecond => Median(_bytesPerNanosecond);

    /// <summary>Speed in relation to the memory copy of the same round: the median of the ratios.</summary>
    public double TimesMemoryCopy => Median(_timesMemoryCopy);

    /// <summary>The middle value; of an even number the mean of the middle two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? throw new ArgumentException("has no values", nameof(values))
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
