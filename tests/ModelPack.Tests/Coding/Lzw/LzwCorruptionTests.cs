using ModelPack.Coding;
using ModelPack.Coding.Lzw;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding.Lzw;

/// <summary>Sequences of codes that break one rule of SPEC.md.</summary>
public sealed class LzwCorruptionTests
{
    [Theory]
    [InlineData(new[] { 257, 97 }, "code 257 is not defined at bit 0")]
    [InlineData(new[] { 97, 258 }, "code 258 is not defined at bit 9")]
    [InlineData(new[] { 97, 98, 511 }, "code 511 is not defined at bit 18")]
    [InlineData(new[] { 256, 97 }, "reset")]
    [InlineData(new[] { 97, 256, 97 }, "reset")]
    [InlineData(new[] { 97, 257, 257 }, "code 257 is longer than the rest of the plane at bit 18")]
    [InlineData(new[] { 97, 257 }, "ends before the plane is full")]
    [InlineData(new[] { 97, 257, 98, 98 }, "has 5 bytes, its codes end in byte 4")]
    public void Refuses_a_bad_code(int[] codes, string reason) => AssertCorrupt(LzwReference.Pack(codes), 4, reason);

    [Fact]
    public void Refuses_padding_that_is_not_zero()
    {
        byte[] coded = LzwReference.Pack([97, 257, 98]);
        LzwCoder.Instance.Decode(coded, new byte[4], new CodingWorkspace());
        for (int bit = 3; bit < 8; bit++)
        {
            byte[] damaged = [.. coded];
            damaged[3] |= (byte)(1 << bit);
            AssertCorrupt(damaged, 4, "padding");
        }
    }

    [Theory]
    [InlineData(65_279, false)]
    [InlineData(65_280, true)]
    [InlineData(65_281, true)]
    public void Takes_a_reset_only_when_the_dictionary_is_full(int codesBefore, bool allowed)
    {
        int[] codes = [.. Enumerable.Repeat(7, codesBefore), LzwReference.Reset, 9, 257, 8];
        byte[] plane = new byte[codesBefore + 4];
        byte[] coded = LzwReference.Pack(codes);
        if (!allowed)
        {
            AssertCorrupt(coded, plane.Length, "reset before the dictionary is full");
            return;
        }

        LzwCoder.Instance.Decode(coded, plane, new CodingWorkspace());
        Assert.Equal([.. Enumerable.Repeat((byte)7, codesBefore), 9, 9, 9, 8], plane);

        // Nothing of the time before the reset is left, and no reset follows a reset.
        AssertCorrupt(LzwReference.Pack([.. codes[..^2], 258, 8]), plane.Length, "code 258 is not defined");
        AssertCorrupt(LzwReference.Pack([.. codes[..^3], LzwReference.Reset, 9, 257, 8]), plane.Length, "reset before");
    }

    [Theory]
    [InlineData(65_279)]
    [InlineData(70_000)]
    public void Last_entry_is_made_once_and_stays(int codesBefore)
    {
        // Bytes alone, so that entry 65,535 is made of codes 65,278 and 65,279.
        byte[] bytes = SeededPlanes.Make("uniform", codesBefore);
        byte[] expected = [.. bytes, 5, bytes[65_278], codesBefore == 65_279 ? (byte)5 : bytes[65_279]];
        byte[] plane = new byte[expected.Length];
        LzwCoder.Instance.Decode(LzwReference.Pack([.. bytes.Select(value => (int)value), 5, 65_535]), plane, new CodingWorkspace());
        Assert.Equal(expected, plane);
    }

    private static void AssertCorrupt(byte[] coded, int planeLength, string reason)
    {
        ModelPackException exception =
            Assert.Throws<ModelPackException>(() => LzwCoder.Instance.Decode(coded, new byte[planeLength], new CodingWorkspace()));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }
}
