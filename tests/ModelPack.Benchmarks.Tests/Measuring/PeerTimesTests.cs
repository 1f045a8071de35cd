using ModelPack.Benchmarks.Reporting;
using ModelPack.Comparison.Measuring;

namespace ModelPack.Benchmarks.Tests.Measuring;

public sealed class PeerTimesTests
{
    [Theory]
    [InlineData(new double[] { 5 }, 5)]
    [InlineData(new double[] { 9, 1, 4 }, 4)]
    [InlineData(new double[] { 8, 2, 100, 4 }, 6)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, PeerTimes.Median(values));

    [Fact]
    public void No_value_has_no_median() => Assert.Throws<ArgumentException>(() => PeerTimes.Median([]));

    [Fact]
    public void Speeds_are_medians_and_ratios_are_taken_of_medians()
    {
        var times = new PeerTimes(3_000_000_000);
        var copies = new PeerTimes(3_000_000_000);
        foreach ((double copy, double time) in new[] { (1.0, 2.0), (3.0, 4.0), (9.0, 10.0) })
        {
            copies.Add(TimeSpan.FromSeconds(copy));
            times.Add(TimeSpan.FromSeconds(time));
        }

        Assert.Equal(0.75, times.GigabytesPerSecond, 9);
        Assert.Equal(new Speed(0.75, 0.75), Speed.Of(times, copies));
    }
}
