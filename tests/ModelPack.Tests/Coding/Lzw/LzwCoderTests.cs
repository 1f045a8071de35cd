using CsCheck;
using ModelPack.Coding;
using ModelPack.Coding.Lzw;
using ModelPack.Tests.Contracts;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding.Lzw;

public sealed class LzwCoderTests : PlaneCoderContract
{
    protected override string AcceptedKind => "text";

    private protected override IPlaneCoder Coder => LzwCoder.Instance;

    [Fact]
    public void Writes_the_example_of_the_specification()
    {
        // SPEC.md, "Example": 0x61, the entry that it makes itself, 0x62.
        Assert.True(TryEncode("aaab"u8.ToArray(), new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x61, 0x02, 0x8A, 0x01], coded);
    }

    [Fact]
    public void Writes_the_codes_of_welch()
    {
        // T b a b a b a: "ab" = 257 is made by code 1, "ba" = 258 by code 2; at k = 2 the longest string known is 257 = ab;
        // then "aba" = 259 is made by code 3, which is itself (a b a).
        // 0x61 + 0x62 * 2^9 + 257 * 2^18 + 259 * 2^27 = 0x81C04C461 -> 36 bits.
        Assert.True(TryEncode("abababa"u8.ToArray(), new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x61, 0xC4, 0x04, 0x1C, 0x08], coded);
    }

    [Theory]

    // Without a repetition code k is the byte k; with 256 different pairs in a row, every width edge is met exactly.
    [InlineData(255, 255 * 9)]
    [InlineData(256, 256 * 9)]
    [InlineData(257, (256 * 9) + 10)]
    [InlineData(258, (256 * 9) + 20)]
    [InlineData(768, (256 * 9) + (512 * 10))]
    [InlineData(769, (256 * 9) + (512 * 10) + 11)]
    [InlineData(1792, (256 * 9) + (512 * 10) + (1024 * 11))]
    [InlineData(1793, (256 * 9) + (512 * 10) + (1024 * 11) + 12)]
    [InlineData(32_512, 2304 + 5120 + 11_264 + 24_576 + 53_248 + 114_688 + 245_760)]
    [InlineData(32_513, 2304 + 5120 + 11_264 + 24_576 + 53_248 + 114_688 + 245_760 + 16)]
    [InlineData(65_280, 2304 + 5120 + 11_264 + 24_576 + 53_248 + 114_688 + 245_760 + (32_768 * 16))]
    public void Width_changes_where_the_specification_says(int codes, int bits)
    {
        // A sequence in which every pair of neighbours is new codes every byte by itself.
        byte[] plane = DeBruijn(codes);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal((bits + 7) / 8, coded.Length);
        LzwReference.Result result = LzwReference.Decode(coded, plane.Length);
        Assert.Equal(bits, result.Bits);
        Assert.Equal(plane, result.Plane);
        AssertDecodes(coded, plane);
    }

    [Fact]
    public void Codes_the_strings_that_made_themselves()
    {
        // In a run of one byte every code is the entry that it makes: a, 257, 258, … with lengths 1, 2, 3, …
        byte[] plane = new byte[100 * 101 / 2];
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal(LzwReference.Pack([0, .. Enumerable.Range(257, 99)]), coded);
        AssertDecodes(coded, plane);
    }

    [Theory]
    [InlineData("text", 200_000)]
    [InlineData("exponents", 131_072)]
    [InlineData("sparse", 300_000)]
    [InlineData("uniform", 140_000)]
    [InlineData("runs", 20_000)]
    [InlineData("ramp", 5000)]
    public void Textbook_decoder_reads_what_the_encoder_wrote(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        LzwReference.Result result = LzwReference.Decode(coded, length);
        Assert.Equal(plane, result.Plane);
        Assert.Equal((result.Bits + 7) / 8, coded.Length);
    }

    [Theory]
    [InlineData("text", 200_000)]
    [InlineData("exponents", 100_000)]
    [InlineData("bell-int8", 60_000)]
    [InlineData("uniform", 60_000)]
    [InlineData("two-values", 100_000)]
    public void Always_takes_the_longest_string_known(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal(LzwReference.Encode(plane), LzwReference.Decode(coded, length).Codes);
    }

    [Fact]
    public void Resets_when_the_full_dictionary_stops_paying()
    {
        // Sorted bytes fill much of the dictionary cheaply; noise then costs more than that with what it holds.
        byte[] plane = [.. SeededPlanes.Make("uniform", 500_000), .. SeededPlanes.Make("bell-int8", 300_000)];
        Array.Sort(plane, 0, 100_000);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        LzwReference.Result result = LzwReference.Decode(coded, plane.Length);
        Assert.Equal(plane, result.Plane);
        int first = result.Codes.IndexOf(LzwReference.Reset);
        Assert.True(first >= 65_280, $"no reset, or too early: {first}");
        Assert.Equal(0, (first - 65_279) % 4096);
        AssertDecodes(coded, plane);
    }

    [Fact]
    public void Keeps_a_full_dictionary_that_pays()
    {
        byte[] plane = SeededPlanes.Make("exponents", 1_000_000);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        LzwReference.Result result = LzwReference.Decode(coded, plane.Length);
        Assert.Equal(plane, result.Plane);
        Assert.True(result.Codes.Count > 65_280 + 4096, "the dictionary did not fill");
        Assert.DoesNotContain(LzwReference.Reset, result.Codes);
        AssertDecodes(coded, plane);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("bell-int8")]
    [InlineData("two-values")]
    public void Restores_planes_of_every_short_length(string kind)
    {
        byte[] source = SeededPlanes.Make(kind, 300);
        for (int length = 1; length <= 300; length++)
        {
            byte[] plane = source[..length];
            Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
            AssertDecodes(coded, plane);
            Assert.Equal(plane, LzwReference.Decode(coded, length).Plane);
        }
    }

    [Fact]
    public void Restores_random_planes_of_few_symbols() =>
        Gen.Int[1, 5].SelectMany(symbols => Gen.Int[0, symbols - 1].Select(i => (byte)(i * 50)).Array[1, 4000]).Sample(
            plane =>
            {
                Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
                AssertDecodes(coded, plane);
                Assert.Equal(plane, LzwReference.Decode(coded, plane.Length).Plane);
            },
            iter: 200,
            seed: "0000KOIXM3m5");

    [Fact]
    public void Nothing_of_one_plane_is_left_for_the_next()
    {
        // The dictionary is emptied by counting up; planes of different sizes use different parts of it.
        var workspace = new CodingWorkspace();
        foreach (int length in new[] { 50_000, 100, 3000, 100, 50_000, 1 })
        {
            byte[] plane = SeededPlanes.Make("text", length);
            Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] fresh));
            Assert.True(TryEncode(plane, workspace, out byte[] used));
            Assert.Equal(fresh, used);
        }
    }

    // A sequence of up to 65,536 bytes in which no pair of neighbours occurs twice: the de Bruijn sequence B(256, 2), in
    // rows a a, a b, a c … of Lyndon words.
    private static byte[] DeBruijn(int length)
    {
        var sequence = new List<byte>(65_536);
        for (int a = 0; a < 256; a++)
        {
            sequence.Add((byte)a);
            for (int b = a + 1; b < 256; b++)
            {
                sequence.Add((byte)a);
                sequence.Add((byte)b);
            }
        }

        return [.. sequence[..length]];
    }

    private void AssertDecodes(byte[] coded, byte[] plane)
    {
        byte[] restored = new byte[plane.Length];
        Coder.Decode(coded, restored, new CodingWorkspace());
        Assert.Equal(plane, restored);
    }
}
