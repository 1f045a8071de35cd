using CsCheck;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Tests.Planes;

/// <summary>Every kernel against the scalar one, and that against <see cref="ReferencePlanes"/>.</summary>
public sealed class PlaneKernelTests
{
    private const byte Guard = 0xA5;
    private const int GuardLength = 128;

    public static TheoryData<byte, int> AllLayouts => Cases(Enum.GetValues<PlaneLayoutId>());

    public static TheoryData<byte, int> VectorLayouts => Cases(Enum.GetValues<PlaneLayoutId>().Except([PlaneLayoutId.Bytes]));

    [Theory]
    [MemberData(nameof(AllLayouts))]
    public void Scalar_planes_are_as_the_spec_says(byte layout, int count)
    {
        byte[] elements = PlaneSamples.Make((PlaneLayoutId)layout, count);
        AssertKernel(Kernel(layout, PlaneKernels.Scalar), elements, ReferencePlanes.Split((PlaneLayoutId)layout, elements));
    }

    [KernelTheory(PlaneKernels.Avx512)]
    [MemberData(nameof(VectorLayouts))]
    public void Avx512_agrees_with_scalar(byte layout, int count) => AssertAgreesWithScalar(layout, PlaneKernels.Avx512, count);

    [KernelTheory(PlaneKernels.Avx2)]
    [MemberData(nameof(VectorLayouts))]
    public void Avx2_agrees_with_scalar(byte layout, int count) => AssertAgreesWithScalar(layout, PlaneKernels.Avx2, count);

    [KernelTheory(PlaneKernels.Vector128)]
    [MemberData(nameof(VectorLayouts))]
    public void Vector128_agrees_with_scalar(byte layout, int count) => AssertAgreesWithScalar(layout, PlaneKernels.Vector128, count);

    [Theory]
    [InlineData((byte)PlaneLayoutId.BFloat16, 0)]
    [InlineData((byte)PlaneLayoutId.BFloat16, 37)]
    [InlineData((byte)PlaneLayoutId.Float16, 0)]
    [InlineData((byte)PlaneLayoutId.Float16, 37)]
    public void Every_16_bit_pattern_survives_every_kernel(byte layout, int extra)
    {
        byte[] elements = PlaneSamples.AllPatterns(extra);
        byte[][] planes = ReferencePlanes.Split((PlaneLayoutId)layout, elements);
        foreach (PlaneKernel kernel in Supported((PlaneLayoutId)layout))
        {
            AssertKernel(kernel, elements, planes);
        }
    }

    [Fact]
    public void Random_elements_survive_every_kernel()
    {
        Gen<(PlaneLayoutId, byte[])> blocks = Gen.Select(Gen.Enum<PlaneLayoutId>(), Gen.Byte.Array[0, 3000]);
        for (uint seed = 0; seed < 300; seed++)
        {
            // A seed given to CsCheck fixes the first sample only, hence one sample for each.
            blocks.Sample(
                (layout, bytes) =>
                {
                    byte[] elements = bytes[..(bytes.Length - (bytes.Length % ReferencePlanes.ElementSize(layout)))];
                    byte[][] planes = ReferencePlanes.Split(layout, elements);
                    foreach (PlaneKernel kernel in Supported(layout))
                    {
                        AssertKernel(kernel, elements, planes);
                    }
                },
                seed: new PCG(1, seed).ToString(),
                iter: 1,
                threads: 1);
        }
    }

    [Fact]
    public void The_best_kernel_is_the_first_supported_and_every_layout_has_a_scalar_one()
    {
        foreach (PlaneLayoutId layout in Enum.GetValues<PlaneLayoutId>())
        {
            Assert.Same(Supported(layout).First(), PlaneKernels.BestFor(layout));
            PlaneKernel last = PlaneKernels.BestFirst.Last(kernel => kernel.Layout == layout);
            Assert.Equal(PlaneKernels.Scalar, last.InstructionSet);
            Assert.True(last.IsSupported);
        }
    }

    private static void AssertAgreesWithScalar(byte layout, string instructionSet, int count)
    {
        byte[] elements = PlaneSamples.Make((PlaneLayoutId)layout, count);
        AssertKernel(Kernel(layout, instructionSet), elements, SplitGuarded(Kernel(layout, PlaneKernels.Scalar), elements, before: 0));
    }

    /// <summary>Split gives these planes and merge the elements, whatever the buffers held, and nothing outside is touched.</summary>
    private static void AssertKernel(PlaneKernel kernel, byte[] elements, byte[][] planes)
    {
        foreach (byte before in new byte[] { 0x00, 0xFF })
        {
            AssertSame(planes, SplitGuarded(kernel, elements, before), kernel);
            AssertMerge(kernel, planes, elements, before);
        }
    }

    private static void AssertSame(byte[][] expected, byte[][] actual, PlaneKernel kernel)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int plane = 0; plane < expected.Length; plane++)
        {
            int same = expected[plane].AsSpan().CommonPrefixLength(actual[plane]);
            Assert.True(
                same == expected[plane].Length && same == actual[plane].Length,
                $"{kernel.Layout} {kernel.InstructionSet}: plane {plane} differs at position {same}");
        }
    }

    private static byte[][] SplitGuarded(PlaneKernel kernel, byte[] elements, byte before)
    {
        var layout = PlaneLayout.For(kernel.Layout);
        int count = elements.Length / layout.ElementSize;
        byte[] buffer = Guarded(layout.BufferLength(count), before, out Range inner);
        PlaneSplitter.Split(kernel, layout, elements, buffer.AsSpan(inner));
        AssertGuards(buffer);
        return
        [
            .. Enumerable.Range(0, layout.PlaneCount).Select(
                plane => buffer.AsSpan(inner).Slice(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)).ToArray()),
        ];
    }

    private static void AssertMerge(PlaneKernel kernel, byte[][] planes, byte[] elements, byte before)
    {
        var layout = PlaneLayout.For(kernel.Layout);
        int count = elements.Length / layout.ElementSize;
        byte[] buffer = new byte[layout.BufferLength(count)];
        // The bytes between planes must not matter.
        buffer.AsSpan().Fill(before);
        for (int plane = 0; plane < planes.Length; plane++)
        {
            planes[plane].CopyTo(buffer, layout.PlaneOffset(plane, count));
        }

        byte[] restored = Guarded(elements.Length, before, out Range inner);
        PlaneMerger.Merge(kernel, layout, buffer, restored.AsSpan(inner));
        AssertGuards(restored);
        Assert.True(restored.AsSpan(inner).SequenceEqual(elements), $"{kernel.Layout} {kernel.InstructionSet}: merged elements differ");
    }

    private static byte[] Guarded(int length, byte before, out Range inner)
    {
        byte[] buffer = new byte[length + (2 * GuardLength)];
        buffer.AsSpan().Fill(Guard);
        inner = GuardLength..(GuardLength + length);
        buffer.AsSpan(inner).Fill(before);
        return buffer;
    }

    private static void AssertGuards(byte[] buffer)
    {
        Assert.True(buffer.AsSpan(0, GuardLength).IndexOfAnyExcept(Guard) < 0, "wrote before the buffer");
        Assert.True(buffer.AsSpan(buffer.Length - GuardLength).IndexOfAnyExcept(Guard) < 0, "wrote behind the buffer");
    }

    private static PlaneKernel Kernel(byte layout, string instructionSet) => PlaneKernels.BestFirst.Single(
        kernel => kernel.Layout == (PlaneLayoutId)layout && kernel.InstructionSet == instructionSet);

    private static IEnumerable<PlaneKernel> Supported(PlaneLayoutId layout) =>
        PlaneKernels.BestFirst.Where(kernel => kernel.Layout == layout && kernel.IsSupported);

    // Wire ids as bytes: the enum is internal, and test methods are public.
    private static TheoryData<byte, int> Cases(IEnumerable<PlaneLayoutId> layouts)
    {
        var data = new TheoryData<byte, int>();
        foreach (PlaneLayoutId layout in layouts)
        {
            foreach (int count in PlaneSamples.Counts)
            {
                data.Add((byte)layout, count);
            }
        }

        return data;
    }
}
