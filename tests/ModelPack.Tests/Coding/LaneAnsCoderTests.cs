using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Tests.Contracts;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

public sealed class LaneAnsCoderTests : PlaneCoderContract
{
    public static TheoryData<int, int> Formats => new() { { 7, 1 }, { 7, 2 }, { 8, 1 }, { 8, 2 } };

    protected override string AcceptedKind => "exponents";

    private protected override IPlaneCoder Coder => LaneAnsCoder.Instance;

    // Two values, 128 times each, so T = 256 and f = 128 for both; L = 8, and one group as the plane is short.
    //
    // 163 (the stride T/2 + T/8 + 3) times 11 is 1 modulo 256, so state s is the (11 s mod 256)-th dealt out: it is 0x10's
    // when 11 s mod 256 < 128. That is so for s = 0 to 11, not for s = 12 to 23. In ascending order 0x10's states begin
    // 0, 1, 2, …, 11 and 0x20's 12, 13, 14, ….
    //
    // With f = 128 every state reads one bit. An encoder in state s writes bit s mod 2 and goes to number s / 2 (rounded
    // down) of the slot's states, counted from 0. All 64 lanes see the same here, last step first:
    //   step 3, 0x20: state  0 writes 0, goes to 0x20's number 0: 12
    //   step 2, 0x20: state 12 writes 0, goes to 0x20's number 6: 18
    //   step 1, 0x10: state 18 writes 0, goes to 0x10's number 9:  9
    //   step 0, 0x10: state  9 writes 1, goes to 0x10's number 4:  4
    // Eight lanes write 8 bits a step; the position falls 63, 55, 47, 39, 31. Step 0's eight ones lie at bits 31 to 38 of
    // every lower word: 0x0000_007F_8000_0000. The eight upper words are zero, at the end of the stream, and not stored.
    private static byte[] WorkedPlane =>
        [.. Enumerable.Repeat((byte)0x10, 128), .. Enumerable.Repeat((byte)0x20, 128)];

    private static byte[] WorkedCoded =>
    [
        0x01, 0x02, // L = 8, G = 1; two symbols
        0x10, 0x20,
        0x7F, 0x7F, // frequencies less 1
        0x00, 0x00, 0x00, 0x00, // no literals
        .. Enumerable.Repeat((byte)31, 8),
        .. Enumerable.Repeat((byte)4, 64),
        .. Enumerable.Repeat<byte[]>([0x00, 0x00, 0x00, 0x80, 0x7F, 0x00, 0x00, 0x00], 8).SelectMany(word => word),
    ];

    [Fact]
    public void Two_values_give_the_bytes_worked_out_by_hand()
    {
        Assert.True(TryEncode(WorkedPlane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal(WorkedCoded, coded);
        byte[] plane = new byte[256];
        Coder.Decode(WorkedCoded, plane, new CodingWorkspace());
        Assert.Equal(WorkedPlane, plane);
    }

    // One symbol with f = T = 256: no bits, and from state 0 to state 0.
    [Fact]
    public void One_value_is_a_header_alone()
    {
        Assert.True(TryEncode([0xAB, 0xAB], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([0x01, 0x01, 0xAB, 0xFF, 0x00, 0x00, 0x00, 0x00, .. Enumerable.Repeat((byte)63, 8), .. new byte[64]], coded);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reference_decoder_restores_what_was_written(string kind)
    {
        foreach (int length in SeededPlanes.Lengths.Where(length => length <= 4097))
        {
            AssertReferenceRestores(kind, length);
        }
    }

    [Fact]
    public void Reference_decoder_restores_a_long_plane() => AssertReferenceRestores("exponents-with-outliers", 20_000);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_restores_every_kind(int stateBits, int groups)
    {
        foreach (string kind in SeededPlanes.Kinds)
        {
            foreach (int length in SeededPlanes.Lengths)
            {
                byte[] plane = SeededPlanes.Make(kind, length);
                byte[] coded = Encode(plane, stateBits, groups);
                Assert.Equal((stateBits - 7) | ((groups - 1) << 1), coded[0] & 3);
                byte[] restored = new byte[length];
                Coder.Decode(coded, restored, new CodingWorkspace());
                Assert.Equal(plane, restored);
            }
        }
    }

    [Theory]
    [InlineData(16_383, 1)]
    [InlineData(16_384, 2)]
    public void Long_planes_have_two_groups(int length, int groups)
    {
        Assert.True(TryEncode(SeededPlanes.Make("exponents", length), new CodingWorkspace(), out byte[] coded));
        Assert.Equal(groups, 1 + ((coded[0] >> 1) & 1));
    }

    [Fact]
    public void Table_without_escapes_when_all_values_are_symbols()
    {
        byte[] plane = SeededPlanes.Make("runs", 4096);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal([5, 0, 1, 2, 3, 4], coded[1..7]);
        Assert.Equal(256, coded[7..12].Sum(frequency => frequency + 1));
        Assert.Equal(0, BitConverter.ToInt32(coded, 12));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Forty_of_forty_one_equal_values_are_symbols(int stateBits, int groups)
    {
        byte[] plane = new byte[41 * 500];
        for (int i = 0; i < plane.Length; i++)
        {
            plane[i] = (byte)(255 - (i % 41));
        }

        byte[] coded = Encode(plane, stateBits, groups);
        // Of equal counts the lowest values are kept, so that 255 is escaped and marks escapes.
        Assert.Equal([40, .. Enumerable.Range(215, 40).Select(value => (byte)value)], coded[1..42]);
        Assert.Equal(500, BitConverter.ToInt32(coded, 82));
        AssertRestores(coded, plane);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Escapes_alone_restore(int stateBits, int groups)
    {
        byte[] plane = [.. SeededPlanes.Make("uniform", 1000).Where(value => value != 0x55)];
        foreach (int frequency in new[] { 1, 100, (1 << stateBits) - 1 })
        {
            LaneAnsWorkspace workspace = new();
            LaneAnsHeader header = workspace.Header;
            header.Tables[0].Reset(stateBits);
            Assert.True(header.Tables[0].TryAdd(0x55, frequency));
            Assert.True(header.TryTakeSymbols());
            header.Lanes.Reset(groups);
            workspace.BuildEncode();
            Span<byte> streams = workspace.Streams(LaneAnsEncoder.StreamsLength(plane.Length, groups));
            LaneAnsEncoder.Encode(plane, workspace.Encode, header.Lanes, streams, out Range literals, out Range words);
            Assert.True(streams[literals].SequenceEqual(plane));

            header.LiteralCount = plane.Length;
            byte[] coded = new byte[header.Length];
            header.Write(coded);
            coded = [.. coded, .. streams[literals], .. streams[words]];
            AssertRestores(coded, plane);
            Assert.Equal(plane, LaneAnsReferenceDecoder.Decode(coded, plane.Length));
        }
    }

    [Fact]
    public void Exponents_come_within_0_045_bits_of_their_entropy()
    {
        byte[] plane = SeededPlanes.Make("exponents", 131_072);
        double entropy = plane.CountBy(value => value).Sum(pair => -pair.Value * Math.Log2(pair.Value / (double)plane.Length));
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.InRange(coded.Length * 8.0, entropy, entropy + (0.045 * plane.Length));
    }

    [Fact]
    public void Refuses_a_histogram_of_another_plane()
    {
        var histogram = new PlaneHistogram();
        histogram.Count(new byte[100]);
        Assert.Throws<ArgumentException>(() => Coder.TryEncode(new byte[99], histogram, new byte[1000], new CodingWorkspace(), out _));
        // As many bytes, but some that the histogram does not know.
        byte[] other = SeededPlanes.Make("ramp", 100);
        Assert.Throws<ArgumentException>(() => Coder.TryEncode(other, histogram, new byte[1000], new CodingWorkspace(), out _));
    }

    // Two tables, in which 0x10 and 0x20 have frequency 128: as one table for a plane of one chunk.
    private static byte[] WithTables(byte[] chunkTables, params byte[] frequencies) =>
        [(byte)(0x01 | (((frequencies.Length / 2) - 1) << 2)), 2, 0x10, 0x20, .. frequencies, .. chunkTables, .. WorkedCoded[6..]];

    [Theory]
    [InlineData(0, 128, 128, 0, 255)]
    [InlineData(1, 0, 255, 128, 128)]
    [InlineData(2, 1, 1, 1, 0, 128, 128, 0, 0)]
    public void A_chunk_is_decoded_with_the_table_that_it_names(int chunkTables, params int[] frequencies)
    {
        byte[] coded = WithTables([(byte)chunkTables], [.. frequencies.Select(frequency => (byte)frequency)]);
        byte[] plane = new byte[256];
        Coder.Decode(coded, plane, new CodingWorkspace());
        Assert.Equal(WorkedPlane, plane);
        Assert.Equal(WorkedPlane, LaneAnsReferenceDecoder.Decode(coded, 256));
    }

    [Theory]
    [InlineData("chunk 0 has table 2 of 2 (byte 8)", 2, 128, 128, 128, 128)]
    [InlineData("has a bit set behind the last chunk (byte 8)", 0x40, 128, 128, 128, 128)]
    [InlineData("has 2 symbols, 1 of them in a table", 0, 128, 0, 128, 0)]
    [InlineData("frequency 129 where 128 of 256 are left (byte 7)", 0, 128, 128, 128, 129)]
    public void Refuses_wrong_tables_with_the_cause(string cause, int chunkTables, params int[] frequencies)
    {
        byte[] coded = WithTables([(byte)chunkTables], [.. frequencies.Select(frequency => (byte)frequency)]);
        var exception = Assert.Throws<ModelPackException>(() => Coder.Decode(coded, new byte[256], new CodingWorkspace()));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.Contains(cause, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32_768)]
    [InlineData(33_001)]
    [InlineData(131_072)]
    public void Planes_of_several_scales_take_several_tables_and_fewer_bytes(int length)
    {
        byte[] plane = SeededPlanes.Make("scales", length);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.True(TryEncode(plane, new CodingWorkspace { MostLaneTables = 1 }, out byte[] single));
        Assert.InRange(coded[0] >> 2, 1, 3);
        Assert.Equal(0, single[0] >> 2);
        Assert.InRange(coded.Length, 1, single.Length * 95 / 100);
        AssertRestores(coded, plane);
        AssertRestores(single, plane);
        Assert.Equal(plane, LaneAnsReferenceDecoder.Decode(coded, length));
    }

    public static TheoryData<string, string, byte[]> Corruptions
    {
        get
        {
            // L = 7 with frequencies of 64.
            byte[] narrow = Replace(Replace(WorkedCoded, 0, 0x00), 4, 0x3F, 0x3F);
            return new()
            {
                { "reserved flag", "flags are 0x11", Replace(WorkedCoded, 0, 0x11) },
                { "too many symbols", "41 symbols, 1 to 40", Replace(WorkedCoded, 1, 41) },
                { "no symbols", "0 symbols, 1 to 40", Replace(WorkedCoded, 1, 0) },
                { "no header", "has 79 bytes, the smallest header 80", WorkedCoded[..79] },
                { "cut header", "has 81 bytes, its header alone 82", WorkedCoded[..81] },
                { "falling symbols", "0x10 does not ascend (byte 3)", Replace(WorkedCoded, 2, 0x20, 0x10) },
                { "equal symbols", "0x10 does not ascend (byte 3)", Replace(WorkedCoded, 2, 0x10, 0x10) },
                { "sum above 256", "frequency 129 where 128 of 256 are left (byte 5)", Replace(WorkedCoded, 5, 0x80) },
                { "sum above 128", "frequency 65 where 64 of 128 are left (byte 5)", Replace(narrow, 5, 0x40) },
                { "sum below 256", "do not end", Replace(WorkedCoded, 5, 0x7E) },
                { "literals above plane", "257 literals for a plane of 256 bytes (byte 6)", Replace(WorkedCoded, 6, 1, 1) },
                { "literals above 2^31", "4294967295 literals", Replace(WorkedCoded, 6, 255, 255, 255, 255) },
                { "literals above coded", "64 bytes behind the header, its literals alone 65", Replace(WorkedCoded, 6, 65) },
                { "literals not needed", "8 literals, its escapes need 0", Replace(WorkedCoded, 6, 8) },
                { "literal in table", "literal 0 is 0x10", [.. Replace(WorkedCoded, 6, 1)[..82], 0x10, .. WorkedCoded[82..]] },
                { "position 64", "starts at bit 64, at most 63 is allowed (byte 17)", Replace(WorkedCoded, 17, 64) },
                { "bits below position", "window 0 has bits below its start at bit 32", Replace(WorkedCoded, 10, 32) },
                { "state 128 of 128", "lane 63 starts in state 128, at most 127 is allowed (byte 81)", Replace(narrow, 81, 0x80) },
                { "other state", "do not end", Replace(WorkedCoded, 18, 5) },
                { "half a word", "65 bytes of words", [.. WorkedCoded, 1] },
                { "word too few", "do not end", WorkedCoded[..^8] },
                { "word never used", "8 bytes of words behind its windows, 0 were used", [.. WorkedCoded, .. new byte[71], 1] },
                { "word in a window too many", "do not end", [.. WorkedCoded, .. new byte[7], 1] },
                { "zero word at the end", "last word is zero", [.. WorkedCoded, .. new byte[8]] },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void Refuses_with_the_cause(string name, string cause, byte[] coded)
    {
        var exception = Assert.Throws<ModelPackException>(() => Coder.Decode(coded, new byte[256], new CodingWorkspace()));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.True(exception.Message.Contains(cause, StringComparison.Ordinal), $"{name}: {exception.Message}");
    }

    [Fact]
    public void Refuses_too_few_literals()
    {
        byte[] plane = SeededPlanes.Make("uniform", 200);
        byte[] coded = Encode(plane, 8, 1);
        int countAt = 2 + (2 * coded[1]);
        int literalsAt = countAt + 4 + 8 + 64;
        byte count = coded[countAt];
        Assert.InRange(count, 100, 199);
        byte[] cut = [.. Replace(coded, countAt, (byte)(count - 1))[..literalsAt], .. coded[(literalsAt + 1)..]];
        var exception = Assert.Throws<ModelPackException>(() => Coder.Decode(cut, plane, new CodingWorkspace()));
        Assert.Contains($"{count - 1} literals, its escapes need {count}", exception.Message, StringComparison.Ordinal);
    }

    private static byte[] Replace(byte[] coded, int at, params byte[] with) => [.. coded[..at], .. with, .. coded[(at + with.Length)..]];

    private static byte[] Encode(byte[] plane, int stateBits, int groups)
    {
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * plane.Length) + 4096];
        Assert.True(LaneAnsCoder.TryEncode(plane, histogram, room, new CodingWorkspace(), stateBits, groups, out int written));
        return room[..written];
    }

    private static void AssertReferenceRestores(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        foreach (object[] format in Formats)
        {
            byte[] coded = Encode(plane, (int)format[0], (int)format[1]);
            Assert.Equal(plane, LaneAnsReferenceDecoder.Decode(coded, plane.Length));
        }
    }

    private void AssertRestores(byte[] coded, byte[] plane)
    {
        byte[] restored = new byte[plane.Length];
        Coder.Decode(coded, restored, new CodingWorkspace());
        Assert.Equal(plane, restored);
    }
}
