using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Pipeline.Fused;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>Decoding fused with the merge gives what the scalar kernels give one after the other.</summary>
public sealed class FusedDecoderTests
{
    private const byte Guard = 0xA5;

    public static TheoryData<byte, int, int> Blocks
    {
        get
        {
            var data = new TheoryData<byte, int, int>();
            foreach (PlaneLayoutId layout in new[] { PlaneLayoutId.BFloat16, PlaneLayoutId.Float16, PlaneLayoutId.Float32 })
            {
                foreach (int count in new[] { 1, 63, 64, 100, 127, 128, 129, 191, 500, 4096, 16_385, 20_000 })
                {
                    data.Add((byte)layout, count, 1);
                    data.Add((byte)layout, count, 2);
                }
            }

            return data;
        }
    }

    [FusedTheory]
    [MemberData(nameof(Blocks))]
    public void Gives_the_elements_of_the_scalar_kernels(byte layoutId, int count, int groups)
    {
        Sample sample = Sample.Make((PlaneLayoutId)layoutId, count, groups);
        byte[] buffer = new byte[sample.Elements.Length + 128];
        buffer.AsSpan().Fill(Guard);
        Assert.True(sample.Decode(sample.Coded, buffer.AsSpan(64, sample.Elements.Length), new CodingWorkspace()));
        Assert.Equal(sample.Elements, buffer[64..^64]);
        AssertGuarded(buffer);
    }

    [FusedTheory]
    [MemberData(nameof(Blocks))]
    public void Damage_is_told_as_without_fusing_and_touches_nothing_outside(byte layoutId, int count, int groups)
    {
        Sample sample = Sample.Make((PlaneLayoutId)layoutId, count, groups);
        var random = new Random(count);
        var workspace = new CodingWorkspace();
        for (int round = 0; round < 40; round++)
        {
            byte[] coded = sample.Coded[..(sample.Coded.Length - (random.Next(2) * random.Next(sample.Coded.Length / 2)))];
            for (int n = random.Next(1, 5); n > 0; n--)
            {
                coded[random.Next(coded.Length)] = (byte)random.Next(256);
            }

            byte[] plane = new byte[count];
            string? expected = ReasonOf(() => LaneAnsCoder.Instance.Decode(coded, plane, workspace));
            byte[] buffer = new byte[sample.Elements.Length + 128];
            buffer.AsSpan().Fill(Guard);
            bool sound = true;
            string? actual = ReasonOf(() => sound = sample.Decode(coded, buffer.AsSpan(64, sample.Elements.Length), workspace));
            Assert.Equal(expected, actual);
            AssertGuarded(buffer);
            if (expected is null)
            {
                Assert.Equal(sample.Layout.Id != PlaneLayoutId.Float16 || !plane.Any(value => value > 63), sound);
            }
        }
    }

    [FusedFact]
    public void Float16_exponents_with_unused_bits_are_refused_in_groups_and_in_the_rest()
    {
        foreach (int at in new[] { 0, 4095, 4096, 4196 })
        {
            Sample sample = Sample.Make(PlaneLayoutId.Float16, 4197, 1, exponents => exponents[at] = 64);
            Assert.False(sample.Decode(sample.Coded, new byte[sample.Elements.Length], new CodingWorkspace()));
        }
    }

    [FusedFact]
    public void Planes_of_a_wrong_length_are_refused()
    {
        Sample sample = Sample.Make(PlaneLayoutId.BFloat16, 1000, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => sample.Decode(sample.Coded, new byte[1998], new CodingWorkspace()));
    }

    private static void AssertGuarded(byte[] buffer)
    {
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before the elements");
        Assert.True(buffer.AsSpan(buffer.Length - 64).IndexOfAnyExcept(Guard) < 0, "wrote behind the elements");
    }

    private static string? ReasonOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (ModelPackException exception)
        {
            return exception.Reason;
        }
    }

    private sealed record Sample(PlaneLayout Layout, byte[] Planes, byte[] Coded, byte[] Elements)
    {
        public static Sample Make(PlaneLayoutId id, int count, int groups, Action<byte[]>? change = null)
        {
            var layout = PlaneLayout.For(id);
            byte[] planes = new byte[layout.BufferLength(count)];
            new Random(count).NextBytes(planes);
            byte[] exponents = SeededPlanes.Make("exponents-with-outliers", count);
            if (id == PlaneLayoutId.Float16)
            {
                exponents = [.. exponents.Select(value => (byte)(value & 63))];
                // No bit of the last byte without a pair.
                planes[layout.PlaneOffset(2, count) + layout.PlaneLength(2, count) - 1] &= (byte)((1 << (2 * (((count - 1) % 4) + 1))) - 1);
            }

            change?.Invoke(exponents);
            exponents.CopyTo(planes, 0);
            byte[] elements = new byte[count * layout.ElementSize];
            PlaneKernel scalar = PlaneKernels.BestFirst.Last(kernel => kernel.Layout == id);
            if (change is null)
            {
                PlaneMerger.Merge(scalar, layout, planes, elements);
            }

            var histogram = new PlaneHistogram();
            histogram.Count(exponents);
            byte[] room = new byte[(2 * count) + 4096];
            Assert.True(LaneAnsCoder.TryEncode(exponents, histogram, room, new CodingWorkspace(), 8, groups, out int written));
            return new Sample(layout, planes, room[..written], elements);
        }

        public bool Decode(byte[] coded, Span<byte> elements, CodingWorkspace workspace)
        {
            int count = Elements.Length / Layout.ElementSize;
            var others = default(OtherPlanes);
            for (int plane = 1; plane < Layout.PlaneCount; plane++)
            {
                // Copies of exactly the plane's length, so that reading behind one would be reading foreign memory.
                others[plane] = Planes.AsSpan(Layout.PlaneOffset(plane, count), Layout.PlaneLength(plane, count)).ToArray();
            }

            return FusedDecoder.TryDecode(Layout, coded, others, elements, workspace);
        }
    }

    private sealed class FusedTheoryAttribute : TheoryAttribute
    {
        public FusedTheoryAttribute() => Skip = FusedFactAttribute.Reason;
    }

    private sealed class FusedFactAttribute : FactAttribute
    {
        public FusedFactAttribute() => Skip = Reason;

        public static string? Reason => FusedDecoder.Takes(PlaneLayoutId.BFloat16, (byte)CoderId.LaneAns)
            ? null
            : "this machine or its settings have neither AVX-512 with VBMI and VBMI2 nor AVX2 with a fast BMI2";
    }
}
