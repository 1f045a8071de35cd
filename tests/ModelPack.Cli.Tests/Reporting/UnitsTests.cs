using ModelPack.Cli.Reporting;

namespace ModelPack.Cli.Tests.Reporting;

public class UnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(9994, "9.99 kB")]
    [InlineData(9995, "10.0 kB")]
    [InlineData(88_188_479, "88.2 MB")]
    [InlineData(99_949, "99.9 kB")]
    [InlineData(99_950, "100 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(400_000_000_000, "400 GB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Sizes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Units.Size(bytes));

    [Theory]
    [InlineData(88_200_000, 60_100_000, "88.2 MB → 60.1 MB  ratio 0.681 (31.9 % saved)")]
    [InlineData(1000, 1100, "1.00 kB → 1.10 kB  ratio 1.100 (10.0 % larger)")]
    [InlineData(0, 90, "0 B → 90 B")]
    public void Saving_names_the_ratio_where_there_is_one(long original, long packed, string expected) =>
        Assert.Equal(expected, Units.Saving(original, packed));

    [Theory]
    [InlineData(0.5, "0.50 s")]
    [InlineData(59.994, "59.99 s")]
    [InlineData(59.996, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(3725, "1 h 02 min")]
    [InlineData(90_000, "25 h 00 min")]
    public void Durations_have_two_parts(double seconds, string expected) => Assert.Equal(expected, Units.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Shape_without_dimensions_is_a_scalar()
    {
        Assert.Equal("scalar", Units.Shape([]));
        Assert.Equal("4096×18446744073709551615", Units.Shape([4096, ulong.MaxValue]));
    }
}
