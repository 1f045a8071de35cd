using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

/// <summary>Every decoding kernel does what the scalar one does, to the last window bit, on sound and on damaged streams.</summary>
public sealed class LaneAnsKernelTests
{
    private static LaneAnsDecoder.Kernel Scalar => LaneAnsDecoder.Kernels[^1];

    public static TheoryData<string, int, int> Streams
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string kind in SeededPlanes.Kinds)
            {
                foreach (int stateBits in new[] { 7, 8 })
                {
                    data.Add(kind, stateBits, 1);
                    data.Add(kind, stateBits, 2);
                }
            }

            return data;
        }
    }

    [Fact]
    public void The_last_kernel_runs_everywhere() => Assert.True(LaneAnsDecoder.Kernels[^1].IsSupported);

    [Avx512Theory]
    [MemberData(nameof(Streams))]
    public void Avx512_decodes_as_scalar(string kind, int stateBits, int groups)
    {
        foreach (int length in SeededPlanes.Lengths)
        {
            byte[] plane = SeededPlanes.Make(kind, length);
            byte[] coded = Encode(plane, stateBits, groups);
            Outcome expected = Decode(Scalar, coded, length);
            Assert.Equal(plane, expected.Plane);
            AssertSame(expected, Decode(LaneAnsDecoder.Kernels[0], coded, length));
        }
    }

    [Avx512Theory]
    [MemberData(nameof(Streams))]
    public void Avx512_decodes_damaged_streams_as_scalar(string kind, int stateBits, int groups)
    {
        const int Length = 3001;
        byte[] coded = Encode(SeededPlanes.Make(kind, Length), stateBits, groups);
        int streamsAt = 6 + (2 * coded[1]) + (72 * groups);
        var random = new Random(99);
        for (int round = 0; round < 100; round++)
        {
            // Kernels take any words and literals, and fewer than the plane needs.
            int words = (coded.Length - streamsAt - Literals(coded)) / 8;
            byte[] damaged = coded[..(coded.Length - (8 * random.Next(words + 1)))];
            for (int n = random.Next(0, 9); n > 0 && damaged.Length > streamsAt; n--)
            {
                damaged[random.Next(streamsAt, damaged.Length)] = (byte)random.Next(256);
            }

            int missingLiterals = random.Next(2) * random.Next(Literals(coded) + 1);
            AssertSame(
                Decode(Scalar, damaged, Length, missingLiterals), Decode(LaneAnsDecoder.Kernels[0], damaged, Length, missingLiterals));
        }
    }

    private static int Literals(byte[] coded) => BitConverter.ToInt32(coded, 2 + (2 * coded[1]));

    private static byte[] Encode(byte[] plane, int stateBits, int groups)
    {
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * plane.Length) + 4096];
        Assert.True(LaneAnsCoder.TryEncode(plane, histogram, room, new CodingWorkspace(), stateBits, groups, out int written));
        return room[..written];
    }

    private static Outcome Decode(LaneAnsDecoder.Kernel kernel, byte[] coded, int length, int missingLiterals = 0)
    {
        var workspace = new LaneAnsWorkspace();
        workspace.Header.Read(coded, length);
        workspace.Header.Table.Build(workspace.Decode);
        ReadOnlySpan<byte> streams = coded.AsSpan(workspace.Header.Length);
        ReadOnlySpan<byte> words = streams[workspace.Header.LiteralCount..];
        words = words[workspace.Header.Lanes.ReadWindows(words)..];
        ReadOnlySpan<byte> literals = streams[..(workspace.Header.LiteralCount - missingLiterals)];

        byte[] buffer = new byte[length + 128];
        int needed = LaneAnsDecoder.Decode(
            kernel, workspace.Decode, workspace.Header.Lanes, literals, words, buffer.AsSpan(64, length), out int used);
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept((byte)0) < 0, "wrote before the plane");
        Assert.True(buffer.AsSpan(64 + length).IndexOfAnyExcept((byte)0) < 0, "wrote behind the plane");
        return new Outcome(buffer[64..(64 + length)], needed, used, workspace.Header.Lanes.Block);
    }

    private static void AssertSame(Outcome expected, Outcome actual)
    {
        Assert.Equal(expected.Plane, actual.Plane);
        Assert.Equal(expected.LiteralsNeeded, actual.LiteralsNeeded);
        Assert.Equal(expected.WordBytesUsed, actual.WordBytesUsed);
        Assert.Equal(expected.Lanes, actual.Lanes);
    }

    private sealed record Outcome(byte[] Plane, int LiteralsNeeded, int WordBytesUsed, ulong[] Lanes);

    private sealed class Avx512TheoryAttribute : TheoryAttribute
    {
        public Avx512TheoryAttribute()
        {
            if (!LaneAnsDecoder.Kernels[0].IsSupported)
            {
                Skip = "needs AVX-512 with VBMI and VBMI2";
            }
        }
    }
}
