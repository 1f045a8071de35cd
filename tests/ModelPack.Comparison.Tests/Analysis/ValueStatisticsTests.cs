using ModelPack.Comparison.Analysis;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests.Analysis;

public sealed class ValueStatisticsTests
{
    [Fact]
    public void Floats_are_told_apart_and_finite_ones_make_the_moments()
    {
        ValueStatistics statistics = Of(Dtype.F32, Models.Bytes(1f, -3f, 0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e-40f));

        Assert.Equal((8, 2, 1, 2, 1), (statistics.Count, statistics.Zeros, statistics.NaNs, statistics.Infinities, statistics.Denormals));
        Assert.Equal(-3, statistics.Finite.Least);
        Assert.Equal(1, statistics.Finite.Largest);
        Assert.Equal(-0.4, statistics.Finite.Mean, 1e-12);

        // Of 1, -3, 0, 0 and almost 0: mean of squares 2, less the square of the mean, 0.16.
        Assert.Equal(Math.Sqrt(1.84), statistics.Finite.StandardDeviation, 1e-12);
    }

    [Fact]
    public void Largest_doubles_do_not_overflow()
    {
        const double Huge = 1.5e308;
        ValueStatistics statistics = Of(Dtype.F64, Models.Bytes([.. Enumerable.Range(0, 1000).Select(static i => i % 2 == 0 ? Huge : -Huge)]));

        Assert.Equal(Huge, statistics.Finite.Largest);
        Assert.Equal(0, statistics.Finite.Mean / Huge, 1e-12);
        Assert.Equal(1, statistics.Finite.StandardDeviation / Huge, 1e-12);
    }

    [Fact]
    public void Small_numbers_before_a_huge_one_are_forgotten_and_do_no_harm()
    {
        var moments = new Moments();
        moments.Add([1, 2, 3]);
        moments.Add([1e300]);

        Assert.Equal(1, moments.Least);
        Assert.Equal(0.25, moments.Mean / 1e300, 1e-12);
        Assert.Equal(Math.Sqrt(3) / 4, moments.StandardDeviation / 1e300, 1e-12);
    }

    // 1, -2, the least denormal (2^-24), NaN and infinity.
    [Fact]
    public void Halves_have_denormals_of_their_own()
    {
        ValueStatistics statistics = Of(Dtype.F16, Models.Bytes<ushort>(0x3C00, 0xC000, 0x0001, 0x7E00, 0x7C00));

        Assert.Equal((1, 1, 1), (statistics.Denormals, statistics.NaNs, statistics.Infinities));
        Assert.Equal(1, statistics.Finite.Largest);
        Assert.Equal(-2, statistics.Finite.Least);
    }

    // 1, the least denormal of BF16 (2^-133), and NaN.
    [Fact]
    public void Bfloats_are_widened_without_change()
    {
        ValueStatistics statistics = Of(Dtype.BF16, Models.Bytes<ushort>(0x3F80, 0x0001, 0x7FC0));

        Assert.Equal((1, 1), (statistics.Denormals, statistics.NaNs));
        Assert.Equal(Math.ScaleB(1, -133), statistics.Finite.Least);
    }

    [Theory]
    [InlineData(Dtype.I8, new byte[] { 0x80, 0x7F, 0, 0 }, -128, 127, 2)]
    [InlineData(Dtype.U8, new byte[] { 0xFF, 1, 0 }, 0, 255, 1)]

    // Two a byte, the low half first: -8, 7, 0 and 1.
    [InlineData(Dtype.I4, new byte[] { 0x78, 0x10 }, -8, 7, 1)]

    // OFP8: 448 and -448 are the largest; 0x08 is the least normal number, 2^-6.
    [InlineData(Dtype.F8E4M3, new byte[] { 0x7E, 0xFE, 0x08 }, -448, 448, 0)]
    [InlineData(Dtype.F8E5M2, new byte[] { 0x7B, 0xFB, 0x00 }, -57344, 57344, 1)]

    // OCP MX: 6 is the largest of E2M1, 0.5 its only denormal.
    [InlineData(Dtype.F4, new byte[] { 0xF7, 0x01 }, -6, 6, 1)]
    public void Narrow_values_are_decoded(Dtype dtype, byte[] bytes, double least, double largest, long zeros)
    {
        ValueStatistics statistics = Of(dtype, bytes);

        Assert.Equal((least, largest, zeros), (statistics.Finite.Least, statistics.Finite.Largest, statistics.Zeros));
    }

    [Fact]
    public void What_fills_the_last_byte_does_not_count()
    {
        var statistics = new ValueStatistics(Dtype.U4);
        statistics.Add([0x53, 0x07]);
        statistics.Finish(3);

        Assert.Equal((3, 0), (statistics.Count, statistics.Zeros));
        Assert.Equal(5, statistics.Finite.Mean, 1e-12);
    }

    [Fact]
    public void Integers_of_all_widths_are_read()
    {
        Assert.Equal(-3, Of(Dtype.I16, Models.Bytes<short>(-3, 2)).Finite.Least);
        Assert.Equal(4294967295, Of(Dtype.U32, Models.Bytes(uint.MaxValue, 2u)).Finite.Largest);
        Assert.Equal(-9.2233720368547758e18, Of(Dtype.I64, Models.Bytes(long.MinValue, 0)).Finite.Least);
        Assert.Equal(1, Of(Dtype.I64, Models.Bytes(long.MinValue, 0L)).Zeros);
    }

    private static ValueStatistics Of(Dtype dtype, byte[] bytes)
    {
        var statistics = new ValueStatistics(dtype);
        statistics.Add(bytes);
        statistics.Finish(bytes.Length * 8 / dtype.BitWidth());
        return statistics;
    }
}
