using System.IO.Hashing;
using ModelPack.Primitives;

namespace ModelPack.Tests.Primitives;

public sealed class BlockChecksumTests
{
    // A stripe has 64 bytes, a block of XXH3 1024: all that a last stripe and a last block can overlap.
    [Fact]
    public void EqualsTheLibraryAtEveryLengthAroundABlock()
    {
        byte[] bytes = Data(BlockChecksum.LeastVectorLength + 2200);
        for (int length = BlockChecksum.LeastVectorLength - 3; length <= bytes.Length; length++)
        {
            Assert.Equal(XxHash3.HashToUInt64(bytes.AsSpan(0, length)), BlockChecksum.Of(bytes.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(240)]
    [InlineData(262_144)]
    [InlineData(1_000_003)]
    public void EqualsTheLibraryWhereverTheBytesLie(int length)
    {
        byte[] bytes = Data(length + 64);
        for (int start = 0; start < 64; start += 7)
        {
            Assert.Equal(XxHash3.HashToUInt64(bytes.AsSpan(start, length)), BlockChecksum.Of(bytes.AsSpan(start, length)));
        }
    }

    [Fact]
    public void EqualsTheLibraryForBytesOfOneValue()
    {
        foreach (byte value in new byte[] { 0, 0x80, 0xFF })
        {
            byte[] bytes = new byte[65_536];
            bytes.AsSpan().Fill(value);
            Assert.Equal(XxHash3.HashToUInt64(bytes), BlockChecksum.Of(bytes));
        }
    }

    private static byte[] Data(int length)
    {
        byte[] bytes = new byte[length];
        new Random(20261124).NextBytes(bytes);
        return bytes;
    }
}
