using ModelPack.TestModels.Numbers;

namespace ModelPack.TestModels.Tests.Numbers;

/// <summary>Values from the tables of the OCP 8-bit floating point (OFP8) and microscaling (MX) specifications.</summary>
public sealed class MiniFloatTests
{
    [Theory]
    [InlineData(Dtype.F8E4M3, 1.0, 0x38)]
    [InlineData(Dtype.F8E4M3, 448.0, 0x7E)] // largest
    [InlineData(Dtype.F8E4M3, -1e9, 0xFE)] // saturates
    [InlineData(Dtype.F8E4M3, 0.001953125, 0x01)] // 2^-9, smallest subnormal
    [InlineData(Dtype.F8E4M3, 0.015625, 0x08)] // 2^-6, smallest normal
    [InlineData(Dtype.F8E4M3, 1.0625, 0x38)] // half between 1 and 1.125: even
    [InlineData(Dtype.F8E4M3, 1.1875, 0x3A)] // half between 1.125 and 1.25: even
    [InlineData(Dtype.F8E4M3, 1.99, 0x40)] // carries to 2
    [InlineData(Dtype.F8E4M3, -0.0, 0x80)]
    [InlineData(Dtype.F8E5M2, 1.0, 0x3C)]
    [InlineData(Dtype.F8E5M2, 57344.0, 0x7B)]
    [InlineData(Dtype.F8E5M2, 1e9, 0x7B)]
    [InlineData(Dtype.F8E5M2, -0.0000152587890625, 0x81)] // -2^-16
    [InlineData(Dtype.F8E4M3Fnuz, 1.0, 0x40)]
    [InlineData(Dtype.F8E4M3Fnuz, 240.0, 0x7F)]
    [InlineData(Dtype.F8E4M3Fnuz, -0.0, 0x00)] // 0x80 is NaN
    [InlineData(Dtype.F8E4M3Fnuz, -1e-9, 0x00)]
    [InlineData(Dtype.F8E5M2Fnuz, 1.0, 0x40)]
    [InlineData(Dtype.F8E5M2Fnuz, 57344.0, 0x7F)]
    [InlineData(Dtype.F6E2M3, 7.5, 0x1F)]
    [InlineData(Dtype.F6E2M3, -0.125, 0x21)]
    [InlineData(Dtype.F6E3M2, 28.0, 0x1F)]
    [InlineData(Dtype.F6E3M2, 0.0625, 0x01)]
    [InlineData(Dtype.F4, 6.0, 0x07)]
    [InlineData(Dtype.F4, 0.5, 0x01)]
    [InlineData(Dtype.F4, -1.5, 0x0B)]
    [InlineData(Dtype.F4, 2.5, 0x04)] // half between 2 and 3: even
    public void Encodes_as_specified(Dtype dtype, double value, byte code) => Assert.Equal(code, MiniFloat.Of(dtype).Encode(value));
}
