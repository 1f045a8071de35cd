using System.Buffers.Binary;
using ModelPack.TestModels.Numbers;

namespace ModelPack.TestModels.Tests.Numbers;

public sealed class FloatConversionTests
{
    [Theory]
    [InlineData(0x3F80_0000, 0x3F80)] // 1
    [InlineData(0x3F80_7FFF, 0x3F80)] // just below half a unit above 1
    [InlineData(0x3F80_8000, 0x3F80)] // half: down to even
    [InlineData(0x3F80_8001, 0x3F81)] // just above half
    [InlineData(0x3F81_8000, 0x3F82)] // half: up to even
    [InlineData(0xBF81_8000, 0xBF82)] // the sign plays no part
    [InlineData(0x3FFF_8000, 0x4000)] // the carry reaches the exponent
    [InlineData(0x7F7F_7FFF, 0x7F7F)] // rounds to the largest finite value
    [InlineData(0x7F7F_8000, 0x7F80)] // half above it: infinity
    [InlineData(0xFF7F_FFFF, 0xFF80)] // minus the largest F32: minus infinity
    [InlineData(0x0000_8000, 0x0000)] // half of the smallest subnormal: even is zero
    [InlineData(0x0000_8001, 0x0001)]
    [InlineData(0x8000_0000, 0x8000)] // minus zero
    [InlineData(0x7F80_0000, 0x7F80)] // infinity
    [InlineData(0x7F80_0001, 0x7FC0)] // a NaN whose payload is cut off is still a NaN
    [InlineData(0xFFC1_2345, 0xFFC1)]
    public void BF16_rounds_to_nearest_even(uint f32, ushort expected) => Assert.Equal(expected, FloatConversion.ToBF16(f32));

    [Fact]
    public void BF16_rounds_right_around_every_value()
    {
        for (uint high = 0; high <= ushort.MaxValue; high++)
        {
            if ((high & 0x7F80) == 0x7F80)
            {
                continue;
            }

            // In the order of magnitudes the code after a BF16 is the next one, so rounding up is adding 1.
            Assert.Equal(high, FloatConversion.ToBF16(high << 16));
            Assert.Equal(high, FloatConversion.ToBF16((high << 16) | 0x0001));
            Assert.Equal(high, FloatConversion.ToBF16((high << 16) | 0x7FFF));
            Assert.Equal(high % 2 == 0 ? high : high + 1, FloatConversion.ToBF16((high << 16) | 0x8000));
            Assert.Equal(high + 1, FloatConversion.ToBF16((high << 16) | 0x8001));
            Assert.Equal(high + 1, FloatConversion.ToBF16((high << 16) | 0xFFFF));
        }
    }

    [Fact]
    public void BF16_keeps_every_NaN_a_NaN_of_its_sign()
    {
        foreach (uint low in new uint[] { 0, 1, 0x7FFF, 0x8000, 0xFFFF })
        {
            for (uint high = 0x7F80; high <= 0x7FFF; high++)
            {
                uint f32 = (high << 16) | low;
                if (f32 == 0x7F80_0000)
                {
                    continue;
                }

                ushort positive = FloatConversion.ToBF16(f32);
                ushort negative = FloatConversion.ToBF16(f32 | 0x8000_0000);
                Assert.InRange(positive, 0x7F81, 0x7FFF);
                Assert.Equal(positive | 0x8000, negative);
            }
        }
    }

    [Theory]
    [InlineData(0x3F80_0000, 0x3C00)] // 1
    [InlineData(0x3F80_1000, 0x3C00)] // 1 + 2^-11: half, down to even
    [InlineData(0x3F80_1001, 0x3C01)] // just above
    [InlineData(0x3F80_3000, 0x3C02)] // 1 + 3·2^-11: half, up to even
    [InlineData(0x477F_E000, 0x7BFF)] // 65504, the largest finite value
    [InlineData(0x477F_EFFF, 0x7BFF)] // just below 65520
    [InlineData(0x477F_F000, 0x7C00)] // 65520, half above: infinity
    [InlineData(0xFF7F_FFFF, 0xFC00)] // minus the largest F32
    [InlineData(0x3880_0000, 0x0400)] // 2^-14, the smallest normal value
    [InlineData(0x3380_0000, 0x0001)] // 2^-24, the smallest subnormal
    [InlineData(0x3300_0000, 0x0000)] // 2^-25: half of it, even is zero
    [InlineData(0x3300_0001, 0x0001)] // just above
    [InlineData(0x33C0_0000, 0x0002)] // 1.5 · 2^-24: half, up to even
    [InlineData(0x8000_0001, 0x8000)] // an F32 subnormal is far too small
    [InlineData(0x7F80_0000, 0x7C00)]
    public void F16_rounds_to_nearest_even(uint f32, ushort expected) => Assert.Equal(expected, FloatConversion.ToF16(f32));

    [Theory]
    [InlineData(0x7FC0_0000u)]
    [InlineData(0x7F80_0001u)]
    [InlineData(0xFFC1_2345u)]
    public void F16_keeps_a_NaN_a_NaN_of_its_sign(uint f32)
    {
        ushort half = FloatConversion.ToF16(f32);
        Assert.InRange(half & 0x7FFF, 0x7C01, 0x7FFF);
        Assert.Equal(f32 >> 31, (uint)half >> 15);
    }

    [Theory]
    [InlineData(Dtype.F16, 0x7C00)]
    [InlineData(Dtype.BF16, 0x7F80)]
    public void Every_16_bit_value_survives_the_way_through_F32(Dtype dtype, int infinity)
    {
        byte[] all = new byte[65536 * 2];
        for (int code = 0; code < 65536; code++)
        {
            // Infinity stands in for the NaNs: their payload may change.
            int kept = (code & 0x7FFF) > infinity ? infinity : code;
            BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(code * 2), (ushort)kept);
        }

        byte[] wide = new byte[all.Length * 2];
        byte[] back = new byte[all.Length];
        FloatConversion.Convert(all, dtype, wide, Dtype.F32);
        FloatConversion.Convert(wide, Dtype.F32, back, dtype);
        Assert.Equal(all, back);
    }

    [Fact]
    public void Elements_are_little_endian()
    {
        byte[] target = new byte[8];
        FloatConversion.Convert([0x00, 0x3C, 0x00, 0xC0], Dtype.F16, target, Dtype.F32);
        Assert.Equal([0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0], target);
        FloatConversion.Convert([0x00, 0x3C, 0x00, 0xC0], Dtype.F16, target.AsSpan(0, 4), Dtype.BF16);
        Assert.Equal([0x80, 0x3F, 0x00, 0xC0], target[..4]);
    }
}
