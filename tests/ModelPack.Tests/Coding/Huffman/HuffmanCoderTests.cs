using CsCheck;
using ModelPack.Coding;
using ModelPack.Coding.Huffman;
using ModelPack.Tests.Contracts;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding.Huffman;

public sealed class HuffmanCoderTests : PlaneCoderContract
{
    protected override string AcceptedKind => "bell-int8";

    private protected override IPlaneCoder Coder => HuffmanCoder.Instance;

    [Fact]
    public void Writes_the_example_of_the_specification()
    {
        // SPEC.md, "Example": worked out bit by bit there.
        Assert.True(TryEncode([0x61, 0x62, 0x61, 0x63], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x0D, 0x18, 0x3E, 0x02, 0x72], coded);
    }

    [Fact]
    public void Writes_two_equally_frequent_symbols_in_one_bit_each()
    {
        // 1 0              one stream
        // 1 1 1  1 0 0 0   symbol 0 has length 1
        // 0                symbol 1 as well; the Kraft sum is 4096
        // 0 0 0 0 0 0      padding; so far 1011 1100 and 0000 0000, first bit lowest: 3D 00
        // 0 1 1 0  1 0 0 0 the stream, its end mark and padding: 16
        Assert.True(TryEncode([0, 1, 1, 0], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x3D, 0x00, 0x16], coded);
    }

    [Fact]
    public void Writes_a_plane_of_one_value_in_two_bytes()
    {
        // 0 0, then 8 bits of 0xC3 = 1 1 0 0 0 0 1 1, then 6 zeros: 00110000 11000000 -> 0C 03.
        Assert.True(TryEncode([0xC3, 0xC3, 0xC3], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x0C, 0x03], coded);
    }

    [Theory]
    [InlineData(4095, 1)]
    [InlineData(4096, 4)]
    [InlineData(32_767, 4)]
    [InlineData(32_768, 8)]
    public void Number_of_streams_follows_the_length(int length, int streams)
    {
        Assert.True(TryEncode(SeededPlanes.Make("text", length), new CodingWorkspace(), out byte[] coded));
        int[] counts = [0, 1, 4, 8];
        Assert.Equal(streams, counts[coded[0] & 3]);
    }

    [Theory]
    [InlineData("text", 40)]
    [InlineData("text", 4097)]
    [InlineData("exponents-with-outliers", 32_775)]
    [InlineData("bell-int8", 5000)]

    // The parts of a plane of 8 × 43,690 bytes are the shortest that need length fields of 4 bytes.
    [InlineData("sparse", 349_519)]
    [InlineData("sparse", 349_520)]
    public void Decodes_by_the_specification_alone(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal(plane, HuffmanReference.Decode(coded, length));
    }

    [Theory]
    [InlineData("exponents")]
    [InlineData("bell-int8")]
    [InlineData("two-values")]
    public void Restores_planes_of_every_short_length(string kind)
    {
        var workspace = new CodingWorkspace();
        byte[] source = SeededPlanes.Make(kind, 300);
        for (int length = 1; length <= 300; length++)
        {
            byte[] plane = source[..length];
            Assert.True(TryEncode(plane, workspace, out byte[] coded));
            byte[] restored = new byte[length];
            Coder.Decode(coded, restored, workspace);
            Assert.Equal(plane, restored);
            Assert.Equal(plane, HuffmanReference.Decode(coded, length));
        }
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(40_000)]
    public void Restores_planes_whose_parts_differ_in_what_they_cost(int length)
    {
        // The first part takes a bit a symbol, the last up to 12: streams end at very different times.
        byte[] plane = SeededPlanes.Make("uniform", length);
        plane.AsSpan(0, length * 2 / 3).Clear();
        var workspace = new CodingWorkspace();
        Assert.True(TryEncode(plane, workspace, out byte[] coded));
        byte[] restored = new byte[length];
        Coder.Decode(coded, restored, workspace);
        Assert.Equal(plane, restored);
    }

    [Theory]

    // Four and eight streams. Bursts of the longest codes do not fit the bits that six short ones do: far apart, so that
    // decoding goes on with six, and so close that it does not.
    [InlineData(20_000, 1500)]
    [InlineData(20_000, 150)]
    [InlineData(100_000, 1500)]
    [InlineData(100_000, 150)]
    public void Restores_bursts_of_long_codes_among_short_ones(int length, int distance)
    {
        byte[] plane = SeededPlanes.Make("two-values", length);
        var random = new Random(length + distance);
        for (int at = 0; at + 12 < length; at += distance + random.Next(distance))
        {
            random.NextBytes(plane.AsSpan(at, 12));
        }

        var workspace = new CodingWorkspace();
        Assert.True(TryEncode(plane, workspace, out byte[] coded));
        byte[] restored = new byte[length];
        Coder.Decode(coded, restored, workspace);
        Assert.Equal(plane, restored);
        Assert.Equal(plane, HuffmanReference.Decode(coded, length));
    }

    [Fact]
    public void Restores_random_planes_of_few_symbols() =>
        Gen.Select(Gen.Int[1, 20], Gen.Byte, Gen.Int[1, 6000]).SelectMany((symbols, step, length) =>
            Gen.Int[0, symbols - 1].Select(i => (byte)((i * i / 2) + (i * step))).Array[length]).Sample(
                plane =>
                {
                    var workspace = new CodingWorkspace();
                    Assert.True(TryEncode(plane, workspace, out byte[] coded));
                    byte[] restored = new byte[plane.Length];
                    Coder.Decode(coded, restored, workspace);
                    Assert.Equal(plane, restored);
                },
                iter: 200,
                seed: "0000KOIXM3m5");

    [Fact]
    public void Estimate_is_never_too_small_and_at_most_seven_bytes_too_large()
    {
        var workspace = new CodingWorkspace();
        foreach (string kind in SeededPlanes.Kinds)
        {
            foreach (int length in SeededPlanes.Lengths)
            {
                byte[] plane = SeededPlanes.Make(kind, length);
                var histogram = new PlaneHistogram();
                histogram.Count(plane);
                Assert.True(TryEncode(plane, workspace, out byte[] coded));
                long estimate = Coder.EstimateEncodedLength(histogram, workspace)!.Value;
                Assert.InRange(estimate - coded.Length, 0, 7);
            }
        }
    }
}
