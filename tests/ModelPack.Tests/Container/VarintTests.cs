using ModelPack.Container;

namespace ModelPack.Tests.Container;

public sealed class VarintTests
{
    // FORMAT.md, "Integers": seven bits a byte, least significant first, top bit set on all but the last.
    [Theory]
    [InlineData(0u, new byte[] { 0x00 })]
    [InlineData(1u, new byte[] { 0x01 })]
    [InlineData(127u, new byte[] { 0x7F })]
    [InlineData(128u, new byte[] { 0x80, 0x01 })]
    [InlineData(300u, new byte[] { 0xAC, 0x02 })]
    [InlineData(16_384u, new byte[] { 0x80, 0x80, 0x01 })]
    [InlineData(uint.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    public void Writes_and_reads_the_shortest_form(uint value, byte[] expected)
    {
        byte[] buffer = new byte[Varint.MaxLength];
        int length = Varint.Write(buffer, value);
        Assert.Equal(expected, buffer[..length]);

        int position = 1;
        Assert.Equal(value, Varint.Read([0xEE, .. expected, 0xEE], ref position));
        Assert.Equal(1 + expected.Length, position);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 0xFF, 0x80, 0x00 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x10 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x8F, 0x01 })]
    public void Refuses_what_is_cut_overlong_or_over_32_bits(byte[] bytes)
    {
        int position = 0;
        ModelPackException exception = Assert.Throws<ModelPackException>(() => Varint.Read(bytes, ref position));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
    }
}
