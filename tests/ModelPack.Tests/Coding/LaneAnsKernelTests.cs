using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Primitives;
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
    public void The_last_kernels_run_everywhere() =>
        Assert.True(LaneAnsDecoder.Kernels[^1] is { IsSupported: true, IsFast: true } && LaneAnsEncoder.Kernels[^1] is { IsSupported: true, IsFast: true });

    [Fact]
    public void The_best_kernel_that_the_machine_has_is_first()
    {
        string expected = Avx512Vbmi2.IsSupported ? "AVX-512 VBMI2"
            : Avx2.IsSupported && ParallelBits.AreFast ? "AVX2 BMI2"
            : Sse41.IsSupported || AdvSimd.Arm64.IsSupported ? "Vector128"
            : "scalar";
        Assert.Equal(expected, LaneAnsDecoder.InstructionSet);
    }

    [KernelTheory(typeof(LaneAnsDecoder.Avx512Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx512_decodes_as_scalar(string kind, int stateBits, int groups) =>
        DecodesAsScalar(Kernel<LaneAnsDecoder.Avx512Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsDecoder.Avx512Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx512_decodes_damaged_streams_as_scalar(string kind, int stateBits, int groups) =>
        DecodesDamagedStreamsAsScalar(Kernel<LaneAnsDecoder.Avx512Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsDecoder.Avx2Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx2_decodes_as_scalar(string kind, int stateBits, int groups) =>
        DecodesAsScalar(Kernel<LaneAnsDecoder.Avx2Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsDecoder.Avx2Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx2_decodes_damaged_streams_as_scalar(string kind, int stateBits, int groups) =>
        DecodesDamagedStreamsAsScalar(Kernel<LaneAnsDecoder.Avx2Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsDecoder.Vector128Kernel))]
    [MemberData(nameof(Streams))]
    public void Vector128_decodes_as_scalar(string kind, int stateBits, int groups) =>
        DecodesAsScalar(Kernel<LaneAnsDecoder.Vector128Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsDecoder.Vector128Kernel))]
    [MemberData(nameof(Streams))]
    public void Vector128_decodes_damaged_streams_as_scalar(string kind, int stateBits, int groups) =>
        DecodesDamagedStreamsAsScalar(Kernel<LaneAnsDecoder.Vector128Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsEncoder.Avx512Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx512_encodes_as_scalar(string kind, int stateBits, int groups) =>
        EncodesAsScalar(Kernel<LaneAnsEncoder.Avx512Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsEncoder.Avx2Kernel))]
    [MemberData(nameof(Streams))]
    public void Avx2_encodes_as_scalar(string kind, int stateBits, int groups) =>
        EncodesAsScalar(Kernel<LaneAnsEncoder.Avx2Kernel>(), kind, stateBits, groups);

    [KernelTheory(typeof(LaneAnsEncoder.Vector128Kernel))]
    [MemberData(nameof(Streams))]
    public void Vector128_encodes_as_scalar(string kind, int stateBits, int groups) =>
        EncodesAsScalar(Kernel<LaneAnsEncoder.Vector128Kernel>(), kind, stateBits, groups);

    // Chunks of several scales, with whole steps and a partial one at the end, long and short ones.
    public static TheoryData<int> Lengths => [32_768, 32_768 + 64, 33_001, 40_000, 131_072 + 130];

    [KernelTheory(typeof(LaneAnsDecoder.Avx512Kernel))]
    [MemberData(nameof(Lengths))]
    public void Avx512_changes_tables_as_scalar(int length) =>
        ChangesTablesAsScalar(Kernel<LaneAnsDecoder.Avx512Kernel>(), Kernel<LaneAnsEncoder.Avx512Kernel>(), length);

    [KernelTheory(typeof(LaneAnsDecoder.Avx2Kernel))]
    [MemberData(nameof(Lengths))]
    public void Avx2_changes_tables_as_scalar(int length) =>
        ChangesTablesAsScalar(Kernel<LaneAnsDecoder.Avx2Kernel>(), Kernel<LaneAnsEncoder.Avx2Kernel>(), length);

    [KernelTheory(typeof(LaneAnsDecoder.Vector128Kernel))]
    [MemberData(nameof(Lengths))]
    public void Vector128_changes_tables_as_scalar(int length) =>
        ChangesTablesAsScalar(Kernel<LaneAnsDecoder.Vector128Kernel>(), Kernel<LaneAnsEncoder.Vector128Kernel>(), length);

    private static void ChangesTablesAsScalar(LaneAnsDecoder.Kernel decoder, LaneAnsEncoder.Kernel encoder, int length)
    {
        byte[] plane = SeededPlanes.Make("scales", length);
        foreach ((int stateBits, int groups) in new[] { (7, 1), (7, 2), (8, 1), (8, 2) })
        {
            byte[] coded = Encode(plane, stateBits, groups);
            Assert.NotEqual(0, coded[0] >> 2);
            Outcome expected = Decode(Scalar, coded, length);
            Assert.Equal(plane, expected.Plane);
            AssertSame(expected, Decode(decoder, coded, length));

            var workspace = new LaneAnsWorkspace();
            workspace.Header.Read(coded, length);
            workspace.BuildEncode();
            (byte[] Streams, ulong[] Lanes) scalar = Encode(LaneAnsEncoder.Kernels[^1], plane, workspace.Encode, groups);
            (byte[] Streams, ulong[] Lanes) actual = Encode(encoder, plane, workspace.Encode, groups);
            Assert.Equal(scalar.Streams, actual.Streams);
            Assert.Equal(scalar.Lanes, actual.Lanes);
            Assert.Equal(coded[workspace.Header.Length..], scalar.Streams);
        }
    }

    private static void DecodesAsScalar(LaneAnsDecoder.Kernel kernel, string kind, int stateBits, int groups)
    {
        foreach (int length in SeededPlanes.Lengths)
        {
            byte[] plane = SeededPlanes.Make(kind, length);
            byte[] coded = Encode(plane, stateBits, groups);
            Outcome expected = Decode(Scalar, coded, length);
            Assert.Equal(plane, expected.Plane);
            AssertSame(expected, Decode(kernel, coded, length));
        }
    }

    private static void DecodesDamagedStreamsAsScalar(LaneAnsDecoder.Kernel kernel, string kind, int stateBits, int groups)
    {
        const int Length = 3001;
        byte[] coded = Encode(SeededPlanes.Make(kind, Length), stateBits, groups);
        int streamsAt = StreamsAt(coded, Length);
        var random = new Random(99);
        for (int round = 0; round < 100; round++)
        {
            // Kernels take any words and literals, and fewer than the plane needs.
            int words = (coded.Length - streamsAt - Literals(coded, Length)) / 8;
            byte[] damaged = coded[..(coded.Length - (8 * random.Next(words + 1)))];
            for (int n = random.Next(0, 9); n > 0 && damaged.Length > streamsAt; n--)
            {
                damaged[random.Next(streamsAt, damaged.Length)] = (byte)random.Next(256);
            }

            int missingLiterals = random.Next(2) * random.Next(Literals(coded, Length) + 1);
            AssertSame(Decode(Scalar, damaged, Length, missingLiterals), Decode(kernel, damaged, Length, missingLiterals));
        }
    }

    private static void EncodesAsScalar(LaneAnsEncoder.Kernel kernel, string kind, int stateBits, int groups)
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
                _ = workspace.Choice.Choose(histogram, stateBits, workspace.Header.Tables[0], out _);
                workspace.Header.Lanes.Reset(groups);
                workspace.BuildEncode();
                (byte[] Streams, ulong[] Lanes) expected = Encode(LaneAnsEncoder.Kernels[^1], plane, workspace.Encode, groups);
                (byte[] Streams, ulong[] Lanes) actual = Encode(kernel, plane, workspace.Encode, groups);
                Assert.Equal(expected.Streams, actual.Streams);
                Assert.Equal(expected.Lanes, actual.Lanes);
            }
        }
    }

    private static (byte[] Streams, ulong[] Lanes) Encode(LaneAnsEncoder.Kernel kernel, byte[] plane, LaneAnsSchedule<LaneAnsEncodeTable> tables, int groups)
    {
        const byte Guard = 0xA5;
        var lanes = new LaneAnsLanes();
        lanes.Reset(groups);
        int length = LaneAnsEncoder.StreamsLength(plane.Length, groups);
        byte[] buffer = new byte[length + 128];
        buffer.AsSpan().Fill(Guard);
        Span<byte> streams = buffer.AsSpan(64, length);
        LaneAnsEncoder.Encode(kernel, plane, tables, lanes, streams, out Range literals, out Range words);
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before the streams");
        Assert.True(buffer.AsSpan(64 + length).IndexOfAnyExcept(Guard) < 0, "wrote behind the streams");
        return ([.. streams[literals], .. streams[words]], lanes.Block);
    }

    private static int Literals(byte[] coded, int length) => Header(coded, length).LiteralCount;

    private static int StreamsAt(byte[] coded, int length) => Header(coded, length).Length;

    private static LaneAnsHeader Header(byte[] coded, int length)
    {
        var header = new LaneAnsHeader();
        header.Read(coded, length);
        return header;
    }

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
        workspace.BuildDecode();
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

    private static T Kernel<T>()
        where T : class =>
        Assert.Single(AllKernels.OfType<T>());

    private static object[] AllKernels => [.. LaneAnsDecoder.Kernels, .. LaneAnsEncoder.Kernels];

    private sealed class KernelTheoryAttribute : TheoryAttribute
    {
        public KernelTheoryAttribute(Type kernel)
        {
            bool isSupported = AllKernels.Single(candidate => candidate.GetType() == kernel) switch
            {
                LaneAnsDecoder.Kernel decoder => decoder.IsSupported,
                LaneAnsEncoder.Kernel encoder => encoder.IsSupported,
                _ => throw new ArgumentException("not a kernel", nameof(kernel)),
            };
            if (!isSupported)
            {
                Skip = $"this machine or its settings have not what {kernel.Name} needs";
            }
        }
    }
}
