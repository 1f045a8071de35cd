using ModelPack.Coding;
using ModelPack.Coding.Huffman;

namespace ModelPack.Tests.Coding.Huffman;

/// <summary>Coded planes built bit by bit from SPEC.md, sound but for one rule.</summary>
public sealed class HuffmanCorruptionTests
{
    // One stream; symbols 0 and 1 with length 1.
    private const string TwoSymbols = "10 1111000 0";

    [Fact]
    public void Takes_what_these_tests_damage()
    {
        byte[] plane = new byte[4];
        HuffmanCoder.Instance.Decode(Bytes(TwoSymbols + "000000", "0110 1000"), plane, new CodingWorkspace());
        Assert.Equal([0, 1, 1, 0], plane);
    }

    [Theory]

    // Lengths 1, 2 (long form of 2 after 1 is not allowed, so "1 0 0"), 1: 2048 + 1024 + 2048.
    [InlineData("10 1111000 100 101", "over-subscribed")]
    [InlineData("10 1111000 110 0000000 1 1111111", "incomplete")]
    [InlineData("10 1110000", "length 0")]
    [InlineData("10 1111011", "length 13")]

    // 8, 7, 6, 5, 4, 3, 2, 1, 0.
    [InlineData("10 0 101 101 101 101 101 101 101 101", "length 0")]

    // Long form of what "0" and "1 0 0" say.
    [InlineData("10 1110001", "long form")]
    [InlineData("10 1111001", "long form")]
    [InlineData("10 110 1 110 1 1111000 0", "two gaps")]
    [InlineData("10 110 00000000 1 00000000 1111000 0", "gap of 256")]

    // A gap of 255 up to symbol 254, then one symbol too many.
    [InlineData("10 110 0000000 1 1111111 1111000 0", "incomplete")]
    public void Refuses_a_bad_table(string header, string reason)
    {
        // Behind the table whatever may be needed: the table is at fault, not a lack of bytes.
        AssertCorrupt([.. Bytes(header), .. new byte[300]], 4, reason);
    }

    [Fact]
    public void Refuses_a_table_that_the_bytes_do_not_complete() => AssertCorrupt(Bytes("10 1110011"), 4, "incomplete");

    [Theory]
    [InlineData(TwoSymbols + "100000", "0110 1000", "padding")]
    [InlineData(TwoSymbols + "000000", "0110 1001", "end mark at bit 23, its symbols end at bit 20")]
    [InlineData(TwoSymbols + "000000", "0110 0000", "end mark at bit 18, its symbols end at bit 20")]
    [InlineData(TwoSymbols + "000000", "0000 0000", "no end mark")]
    [InlineData(TwoSymbols + "000000", "0110 1000 0000 0000", "no end mark")]
    [InlineData(TwoSymbols + "000000", "0110 0000 1000 0000", "end mark at bit 24, its symbols end at bit 20")]
    [InlineData(TwoSymbols + "000000", "0110 1000" + "0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0001", "has 8 bytes, allowed are 1 to 7")]
    [InlineData(TwoSymbols + "000000", "", "has 0 bytes")]
    public void Refuses_bad_padding_end_mark_and_length(string header, string stream, string reason) =>
        AssertCorrupt(Bytes(header, stream), 4, reason);

    [Fact]
    public void Refuses_a_stream_that_ends_inside_the_codes()
    {
        // Four symbols of length 2; a plane of five takes 10 bits behind the 16 of the table.
        byte[] coded = Bytes("10 1110100 0 0 0 0000", "00 00 00 01");
        AssertCorrupt(coded, 5, "end mark at bit 23, its symbols end at bit 26");
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(ushort.MaxValue, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    public void Refuses_stream_lengths_that_cannot_be(int first, int second, int third)
    {
        // Four streams of two symbols each, a byte long.
        byte[] header = Bytes("01 1111000 0 000000");
        byte[] coded =
        [
            .. header, (byte)first, (byte)(first >> 8), (byte)second, 0, (byte)third, 0,
            1, 2, 3, 0,
        ];
        AssertCorrupt(coded, 8, "stream");
    }

    [Fact]
    public void Refuses_lengths_of_32_bits_that_overflow()
    {
        // Part length 43,690: fields of 4 bytes. Each length is close to 2^32 or would wrap to something small in sum.
        byte[] header = Bytes("11 1111000 0 000000");
        foreach (uint length in new uint[] { uint.MaxValue, 0x8000_0000, int.MaxValue, 65_537 })
        {
            byte[] coded = [.. header, .. Enumerable.Repeat(BitConverter.GetBytes(length), 7).SelectMany(b => b), .. new byte[100_000]];
            AssertCorrupt(coded, 8 * 43_690, "stream");
        }
    }

    [Fact]
    public void Refuses_more_streams_than_bytes()
    {
        byte[] header = Bytes("11 1111000 0 000000");
        AssertCorrupt([.. header, .. new byte[14 + 8]], 7, "8 streams");
    }

    [Theory]
    [InlineData(new byte[0], "ends inside its header")]
    [InlineData(new byte[] { 0x0C }, "ends inside its header")]
    [InlineData(new byte[] { 0x0C, 0x03, 0x00 }, "has 3 bytes")]
    [InlineData(new byte[] { 0x0C, 0x07 }, "padding")]
    public void Refuses_bad_planes_of_one_value(byte[] coded, string reason) => AssertCorrupt(coded, 3, reason);

    private static void AssertCorrupt(byte[] coded, int planeLength, string reason)
    {
        byte[] plane = new byte[planeLength];
        ModelPackException exception =
            Assert.Throws<ModelPackException>(() => HuffmanCoder.Instance.Decode(coded, plane, new CodingWorkspace()));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    // Each text is a bit sequence of its own, first bit first, filled up to whole bytes.
    private static byte[] Bytes(params string[] sequences) =>
    [
        .. sequences.SelectMany(text =>
        {
            string bits = text.Replace(" ", "", StringComparison.Ordinal);
            byte[] bytes = new byte[(bits.Length + 7) / 8];
            for (int i = 0; i < bits.Length; i++)
            {
                bytes[i / 8] |= (byte)((bits[i] - '0') << (i % 8));
            }

            return bytes;
        }),
    ];
}
