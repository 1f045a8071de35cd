using ModelPack.Coding;
using ModelPack.Coding.ContextAns;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

/// <summary>Every kernel does what the scalar one does, to the last state, on sound and on damaged streams.</summary>
public sealed class ContextAnsKernelTests
{
    public static TheoryData<string, int, int> Shapes
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string values in Enum.GetNames<PlaneValues>().Where(static name => name != nameof(PlaneValues.Unknown)))
            {
                foreach ((int inputs, int taps) in new[] { (64, 9), (300, 1), (33, 9), (48, 2), (60, 3), (30, 25), (20, 49), (9, 64), (40, 4), (17, 7) })
                {
                    data.Add(values, inputs, taps);
                }
            }

            return data;
        }
    }

    private static ContextAnsDecoder.Kernel Scalar => ContextAnsDecoder.Kernels[^1];

    [Fact]
    public void The_last_kernel_runs_everywhere() => Assert.True(Scalar.IsSupported);

    [VectorTheory]
    [MemberData(nameof(Shapes))]
    public void Vectors_decode_as_scalar(string values, int inputs, int taps)
    {
        int row = inputs * taps;
        foreach ((int length, int start) in new[] { (row * 20, 0), (row * 20, row - 1), (1, 0), (33, 1), (32 * taps, 0), (64 * taps, 0), (12_345, 5) })
        {
            byte[] coded = Encode(Enum.Parse<PlaneValues>(values), length, inputs, taps, start, out byte[] plane);
            Outcome expected = Decode(Scalar, coded, length, damage: null);

            // Markers stand where literals belong.
            int literals = BitConverter.ToInt32(coded, 15);
            Assert.Equal(literals, expected.Plane.Zip(plane).Count(static pair => pair.First != pair.Second));
            AssertSame(expected, coded, length, damage: null);
        }
    }

    [VectorTheory]
    [MemberData(nameof(Shapes))]
    public void Vectors_decode_damaged_streams_as_scalar(string values, int inputs, int taps)
    {
        const int Length = 7001;
        byte[] coded = Encode(Enum.Parse<PlaneValues>(values), Length, inputs, taps, start: 3, out _);
        for (int seed = 0; seed < 30; seed++)
        {
            AssertSame(Decode(Scalar, coded, Length, seed), coded, Length, seed);
        }
    }

    private static void AssertSame(Outcome expected, byte[] coded, int length, int? damage)
    {
        foreach (ContextAnsDecoder.Kernel kernel in ContextAnsDecoder.Kernels.Where(static kernel => kernel.IsSupported))
        {
            Outcome actual = Decode(kernel, coded, length, damage);
            Assert.Equal(expected.Plane, actual.Plane);
            Assert.Equal(expected.States, actual.States);
            Assert.Equal(expected.Used, actual.Used);
        }
    }

    private static byte[] Encode(PlaneValues values, int length, int inputs, int taps, int start, out byte[] plane)
    {
        int row = inputs * taps;
        double[] weights = ScaledWeights.Make((length + start + row) / row, inputs, taps);
        byte[] tensor = values switch
        {
            PlaneValues.RotatedExponents => ScaledWeights.AsRotatedExponents(weights),
            PlaneValues.HalfExponents => ScaledWeights.AsHalfExponents(weights),
            PlaneValues.Unsigned => ScaledWeights.AsIntegers(weights, 127),
            _ => ScaledWeights.AsIntegers(weights, 0),
        };
        plane = tensor[start..(start + length)];
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * length) + 8192];

        Assert.True(ContextAnsCoder.TryEncode(
            plane, histogram, new PlaneGeometry(values, row, taps, start), room, new CodingWorkspace(), out int written));
        if (values is PlaneValues.RotatedExponents or PlaneValues.HalfExponents)
        {
            ContextAnsOrder.ToNatural([.. plane], plane);
        }

        return room[..written];
    }

    // Kernels take any words, fewer than the plane needs, and any states that are no less than the least.
    private static Outcome Decode(ContextAnsDecoder.Kernel kernel, byte[] coded, int length, int? damage)
    {
        var workspace = new ContextAnsWorkspace();
        int at = workspace.Header.Read(coded, length);
        uint[] states = new uint[ContextAnsModel.Lanes];
        Buffer.BlockCopy(coded, at, states, 0, ContextAnsHeader.LaneBytes);
        byte[] words = coded[(at + ContextAnsHeader.LaneBytes + workspace.Header.LiteralCount)..];
        if (damage is { } seed)
        {
            var random = new Random(seed);
            words = words[..(2 * random.Next((words.Length / 2) + 1))];
            for (int n = random.Next(9); n > 0 && words.Length > 0; n--)
            {
                words[random.Next(words.Length)] = (byte)random.Next(256);
            }

            states[random.Next(states.Length)] = (uint)random.NextInt64(ContextAnsDecoder.LeastState, 1L << 32);
        }

        ContextAnsHeader header = workspace.Header;
        Span<byte> scales = workspace.Scales(header.Shape.GroupCount(length) * ContextAnsModel.Lanes);
        header.Shape.FillScales(length, header.Rows, header.Columns, scales);
        workspace.Decode.Build(header);
        byte[] buffer = new byte[length + 128];
        int used = ContextAnsDecoder.Decode(kernel, workspace.Decode, header, scales, states, words, buffer.AsSpan(64, length));
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept((byte)0) < 0, "wrote before the plane");
        Assert.True(buffer.AsSpan(64 + length).IndexOfAnyExcept((byte)0) < 0, "wrote behind the plane");
        return new Outcome(buffer[64..(64 + length)], states, used);
    }

    private sealed record Outcome(byte[] Plane, uint[] States, int Used);

    private sealed class VectorTheoryAttribute : TheoryAttribute
    {
        public VectorTheoryAttribute()
        {
            if (!ContextAnsDecoder.Kernels[..^1].Any(static kernel => kernel.IsSupported))
            {
                Skip = "needs AVX2 or AVX-512 with VBMI";
            }
        }
    }
}
