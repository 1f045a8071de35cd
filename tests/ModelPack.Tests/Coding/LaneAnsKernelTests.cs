using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

/// <summary>Every kernel does what the scalar one does, to the last window bit, on sound and on damaged streams.</summary>
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

    [Avx512Theory]
    [MemberData(nameof(Streams))]
    public void Avx512_encodes_as_scalar(string kind, int stateBits, int groups)
    {
        foreach (int length in SeededPlanes.Lengths)
        {
            // A table for the plane, one that has no escapes for it or too few symbols, and one of a single symbol.
            byte[] plane = SeededPlanes.Make(kind, length);
            foreach (byte[] model in new[] { plane, SeededPlanes.Make("exponents-with-outliers", 5000), SeededPlanes.Make("runs", 5000), [0x3F] })
            {
                var histogram = new PlaneHistogram();
                histogram.Count(model);
                var workspace = new LaneAnsWorkspace();
                _ = workspace.Choice.Choose(histogram, stateBits, workspace.Header.Table, out _);
                workspace.Header.Table.Build(workspace.Encode);
                (byte[] Streams, ulong[] Lanes) expected = Encode(LaneAnsEncoder.Kernels[^1], plane, workspace.Encode, groups);
                (byte[] Streams, ulong[] Lanes) actual = Encode(LaneAnsEncoder.Kernels[0], plane, workspace.Encode, groups);
                Assert.Equal(expected.Streams, actual.Streams);
                Assert.Equal(expected.Lanes, actual.Lanes);
            }
        }
    }

    private static (byte[] Streams, ulong[] Lanes) Encode(LaneAnsEncoder.Kernel kernel, byte[] plane, LaneAnsEncodeTable table, int groups)
    {
        const byte Guard = 0xA5;
        var lanes = new LaneAnsLanes();
        lanes.Reset(groups);
        int length = LaneAnsEncoder.StreamsLength(plane.Length, groups);
        byte[] buffer = new byte[length + 128];
        buffer.AsSpan().Fill(Guard);
        Span<byte> streams = buffer.AsSpan(64, length);
        LaneAnsEncoder.Encode(kernel, plane, table, lanes, streams, out Range literals, out Range words);
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before the streams");
        Assert.True(buffer.AsSpan(64 + length).IndexOfAnyExcept(Guard) < 0, "wrote behind the streams");
        return ([.. streams[literals], .. streams[words]], lanes.Block);
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
            if (!LaneAnsDecoder.Kernels[0].IsSupported || !LaneAnsEncoder.Kernels[0].IsSupported)
            {
                Skip = "needs AVX-512 with VBMI and VBMI2";
            }
        }
    }
}
