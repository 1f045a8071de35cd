using ModelPack.Comparison.Measuring;

namespace ModelPack.Benchmarks.Reporting;

/// <summary>Speed of one direction.</summary>
/// <param name="GigabytesPerSecond">Original bytes, GB = 10⁹ bytes.</param>
/// <param name="TimesMemoryCopy">In relation to the memory copies of the same bytes in the same run, median to median: a single copy may meet pages that are not there yet.</param>
internal sealed record Speed(double GigabytesPerSecond, double TimesMemoryCopy)
{
    public static Speed Of(PeerTimes times, PeerTimes copies) =>
        new(times.GigabytesPerSecond, times.GigabytesPerSecond / copies.GigabytesPerSecond);
}

/// <summary>What one peer did with one file.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Peer">Name and level of the peer.</param>
/// <param name="PackedBytes">Packed length.</param>
/// <param name="Rounds">Rounds that the speeds are the median of.</param>
/// <param name="Pack">Packing; null when only the size was asked for.</param>
/// <param name="Unpack">Unpacking; null when only the size was asked for.</param>
internal sealed record PeerResult(string File, long Bytes, string Peer, long PackedBytes, int Rounds, Speed? Pack, Speed? Unpack)
{
    /// <summary>Packed ÷ original.</summary>
    public double Ratio => (double)PackedBytes / Bytes;
}
