using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Coding.Lz;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding.Lz;

/// <summary>Coded planes that break one rule of SPEC.md, with a check value that is right.</summary>
public sealed class LzCorruptionTests
{
    // Fields of the example of SPEC.md, first bit first: u, m, token context, the two flags, then the stream entries.
    private const string Start = "00 00 00 0 0";
    private const string NoStream = " 00000";
    private const string OneByte = " 10000 000 10000";
    private const string ThreeBytes = " 010001 000 010001";

    public static TheoryData<string, string, int, string> Broken => new()
    {
        // header, bytes behind it, length of the plane, part of the message
        { "10 00 00 0" + OneByte + NoStream + NoStream + OneByte, "2A 61", 7, "has units of 2 bytes for a plane of 7" },
        { "00 00 11 0 0" + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 7, "has tokens of context 3" },
        { Start + " 10000 110 10000" + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 7, "stream 0 is coded with coder 3" },
        { Start + " 10000 011 10000" + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 7, "stream 0 is coded with coder 6" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62", 7, "stream 3 passes the end by 1 bytes" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 2, "literals for a plane of 2" },
        { Start + OneByte + ThreeBytes + NoStream + ThreeBytes, "2A 00 00 00 61 62 63", 7, "has 1 tokens, 3 lengths" },
        { Start + OneByte + NoStream + ThreeBytes + ThreeBytes, "2A 00 00 00 61 62 63", 7, "3 offsets" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 5, "a sequence passes the end of the plane, at byte 0" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2E 61 62 63", 7, "an offset reaches before the plane" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "22 61 62 63", 7, "a stream ends too early" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2B 61 62 63", 7, "a stream ends too early" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "F5 61 62 63", 7, "a stream ends too early" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 8, "a stream ends too early" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63", 6, "streams are not used up" },
        { Start + OneByte + OneByte + NoStream + ThreeBytes, "2A 00 61 62 63", 7, "streams are not used up" },
        { Start + OneByte + NoStream + OneByte + ThreeBytes, "2A 00 61 62 63", 7, "streams are not used up" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes, "2A 61 62 63 00", 7, "streams are not used up" },
        { Start + OneByte + NoStream + OneByte + ThreeBytes, "22 FF 61 62 63", 7, "an offset reaches before the plane" },
        { Start + OneByte + OneByte + NoStream + ThreeBytes, "FA FF 61 62 63", 7, "a sequence passes the end" },
        { Start + OneByte + NoStream + NoStream + ThreeBytes + "1", "2A 61 62 63", 7, "pads it with bits that are not zero" },
        { "00 00 00 0 0 111110 1", "", 7, "ends inside its header" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Refuses_what_breaks_a_rule(string header, string streams, int planeLength, string reason)
    {
        ModelPackException exception = Assert.Throws<ModelPackException>(
            () => LzCoder.Instance.Decode(WithCheck([.. Pack(header), .. Convert.FromHexString(streams.Replace(" ", ""))]), new byte[planeLength], new CodingWorkspace()));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_what_the_refused_were_made_from()
    {
        byte[] plane = new byte[7];
        LzCoder.Instance.Decode(
            WithCheck([.. Pack(Start + OneByte + NoStream + NoStream + ThreeBytes), 0x2A, .. "abc"u8]), plane, new CodingWorkspace());
        Assert.Equal("abababc"u8.ToArray(), plane);
    }

    [Fact]
    public void Refuses_a_check_value_of_other_bytes()
    {
        byte[] coded = WithCheck([.. Pack(Start + OneByte + NoStream + NoStream + ThreeBytes), 0x2A, .. "abc"u8]);
        coded[0] ^= 1;
        ModelPackException exception = Assert.Throws<ModelPackException>(() => LzCoder.Instance.Decode(coded, new byte[7], new CodingWorkspace()));
        Assert.Contains("check value", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", 0)]
    [InlineData("sparse", 0)]
    [InlineData("exponents", 0)]
    [InlineData("sines", 0)]
    [InlineData("sines", 2)]
    [InlineData("sines", 3)]
    public void Damage_that_the_check_does_not_see_stays_inside_the_plane(string kind, int unitShift)
    {
        byte[] plane = kind == "sines" ? SineTable.OfFloat32(16) : SeededPlanes.Make(kind, 6000);
        var workspace = new CodingWorkspace { LzEffort = LzEffort.Thorough };
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * plane.Length) + 4096];
        Assert.True(LzCoder.TryEncodeIfPromising(plane, histogram, unitShift, isOfFloats: true, room, workspace, out int written));
        byte[] body = room[4..written];
        var random = new Random(99);
        int restored = 0;
        for (int round = 0; round < 4000; round++)
        {
            byte[] damaged = [.. body];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                // Half of the damage meets the header.
                int at = random.Next(2) == 0 ? random.Next(Math.Min(60, damaged.Length)) : random.Next(damaged.Length);
                damaged[at] ^= (byte)(1 << random.Next(8));
            }

            byte[] buffer = new byte[plane.Length + 128];
            buffer.AsSpan().Fill(0xA5);
            try
            {
                LzCoder.Instance.Decode(WithCheck(damaged), buffer.AsSpan(64, plane.Length), workspace);
                restored++;
            }
            catch (ModelPackException exception)
            {
                Assert.Equal(ModelPackError.Corrupt, exception.Error);
            }

            Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept((byte)0xA5) < 0, "wrote before the plane");
            Assert.True(buffer.AsSpan(64 + plane.Length).IndexOfAnyExcept((byte)0xA5) < 0, "wrote behind the plane");
        }

        Assert.True(restored > 0, "no damage came as far as the literals");
    }

    private static byte[] WithCheck(byte[] body)
    {
        byte[] coded = [0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteUInt32LittleEndian(coded, (uint)XxHash3.HashToUInt64(body));
        return coded;
    }

    private static byte[] Pack(string bits)
    {
        bits = bits.Replace(" ", "");
        byte[] bytes = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)((bits[i] - '0') << (i % 8));
        }

        return bytes;
    }
}
