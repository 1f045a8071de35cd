using ModelPack.Planes;

namespace ModelPack.Tests.Planes;

/// <summary>The worked examples of src/ModelPack/Planes/SPEC.md, byte for byte.</summary>
public sealed class PlaneSpecExampleTests
{
    [Theory]
    [InlineData((byte)0, "61 62 63", "61 62 63")]
    [InlineData((byte)5, "34 12 CD AB", "34 CD | 12 AB")]
    [InlineData((byte)6, "04 03 02 01 FF FF FF FF", "04 FF | 03 FF | 02 FF | 01 FF")]
    [InlineData((byte)7, "02 01 00 00 00 00 00 00", "02 | 01 | 00 | 00 | 00 | 00 | 00 | 00")]
    [InlineData((byte)2, "80 3F 20 C0", "BF 40 | 00 A0")]
    [InlineData((byte)3, "00 00 80 3F 00 00 20 BE 34 12 C0 7F", "BF 3E FF | 00 A0 40 | 00 00 12 | 00 00 34")]
    [InlineData((byte)1, "00 3C 00 BE 00 3D FF 7B 00 80", "1E 1F 1E 3D 00 | 00 00 00 FF 00 | 58 02")]
    [InlineData((byte)4, "00 00 00 00 00 00 F8 BF", "7F | F0 | 00 | 00 | 00 | 00 | 00 | 01")]
    public void Small_example(byte layout, string elements, string planes)
    {
        byte[][] expected = [.. planes.Split('|').Select(Bytes)];
        Assert.Equal(expected, Split((PlaneLayoutId)layout, Bytes(elements)));
        Assert.Equal(Bytes(elements), Merge((PlaneLayoutId)layout, expected, Bytes(elements).Length));
    }

    [Fact]
    public void Group_order_of_66_numbers()
    {
        byte[] elements = [.. Enumerable.Range(0, 66).SelectMany(number => new byte[] { (byte)number, 0 })];
        byte[] signMantissa = Bytes(
            "00 01 02 03 04 05 06 07 20 21 22 23 24 25 26 27 08 09 0A 0B 0C 0D 0E 0F 28 29 2A 2B 2C 2D 2E 2F " +
            "10 11 12 13 14 15 16 17 30 31 32 33 34 35 36 37 18 19 1A 1B 1C 1D 1E 1F 38 39 3A 3B 3C 3D 3E 3F 40 41");
        Assert.Equal([new byte[66], signMantissa], Split(PlaneLayoutId.BFloat16, elements));
    }

    [Fact]
    public void Float16_pairs_of_a_full_group()
    {
        byte[] elements = new byte[128];
        elements[(8 * 2) + 1] = 0x80;
        byte[] pairs = new byte[16];
        pairs[0] = 0x08;
        Assert.Equal([new byte[64], new byte[64], pairs], Split(PlaneLayoutId.Float16, elements));
    }

    private static byte[][] Split(PlaneLayoutId id, byte[] elements)
    {
        var layout = PlaneLayout.For(id);
        int count = elements.Length / layout.ElementSize;
        byte[] buffer = new byte[layout.BufferLength(count)];
        PlaneSplitter.Split(layout, elements, buffer);
        return
        [
            .. Enumerable.Range(0, layout.PlaneCount).Select(
                plane => buffer.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)).ToArray()),
        ];
    }

    private static byte[] Merge(PlaneLayoutId id, byte[][] planes, int elementBytes)
    {
        var layout = PlaneLayout.For(id);
        int count = elementBytes / layout.ElementSize;
        byte[] buffer = new byte[layout.BufferLength(count)];
        for (int plane = 0; plane < planes.Length; plane++)
        {
            planes[plane].CopyTo(buffer, layout.PlaneOffset(plane, count));
        }

        byte[] elements = new byte[elementBytes];
        PlaneMerger.Merge(layout, buffer, elements);
        return elements;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
