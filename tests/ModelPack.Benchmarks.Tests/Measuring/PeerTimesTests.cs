using ModelPack.Benchmarks.Measuring;

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
    public void Speeds_are_medians_and_ratios_are_taken_round_by_round()
    {
        var times = new PeerTimes(3_000_000_000);
        times.Add(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        times.Add(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
        // The machine was slow, for both.
        times.Add(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(10));
        Assert.Equal(0.75, times.GigabytesPerSecond, 9);
        Assert.Equal(0.75, times.TimesMemoryCopy, 9);
    }
}
