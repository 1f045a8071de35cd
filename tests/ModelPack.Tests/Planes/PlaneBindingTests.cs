using ModelPack.Planes;
using ModelPack.Planes.Kernels;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Planes;

/// <summary>What split and merge refuse, and that they allocate nothing.</summary>
public sealed class PlaneBindingTests
{
    public static TheoryData<byte> Layouts => [.. Enum.GetValues<PlaneLayoutId>().Select(id => (byte)id)];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Partial_elements_and_short_or_too_long_buffers_are_the_callers_bug(byte id)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)id);
        byte[] elements = new byte[10 * layout.ElementSize];
        byte[] buffer = new byte[layout.BufferLength(10)];
        byte[] tooShort = buffer[1..];
        Assert.Throws<ArgumentException>(() => PlaneSplitter.Split(layout, elements, tooShort));
        Assert.Throws<ArgumentException>(() => PlaneMerger.Merge(layout, tooShort, elements));
        if (layout.ElementSize > 1)
        {
            byte[] partial = elements[1..];
            Assert.Throws<ArgumentException>(() => PlaneSplitter.Split(layout, partial, buffer));
            Assert.Throws<ArgumentException>(() => PlaneMerger.Merge(layout, buffer, partial));
        }

        byte[] tooMany = new byte[PlaneLayout.MaxElementBytes + layout.ElementSize];
        Assert.Throws<ArgumentOutOfRangeException>(() => PlaneSplitter.Split(layout, tooMany, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlaneMerger.Merge(layout, buffer, tooMany));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_largest_block_survives(byte id)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)id);
        byte[] elements = new byte[PlaneLayout.MaxElementBytes];
        new Random(16).NextBytes(elements);
        byte[] buffer = new byte[layout.BufferLength(elements.Length / layout.ElementSize)];
        byte[] restored = new byte[elements.Length];
        PlaneSplitter.Split(layout, elements, buffer);
        PlaneMerger.Merge(layout, buffer, restored);
        Assert.True(restored.AsSpan().SequenceEqual(elements));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(66)]
    public void Float16_exponents_above_63_are_refused_by_every_kernel(int position)
    {
        var layout = PlaneLayout.For(PlaneLayoutId.Float16);
        byte[] buffer = new byte[layout.BufferLength(67)];
        foreach (PlaneKernel kernel in PlaneKernels.BestFirst.Where(kernel => kernel.Layout == layout.Id && kernel.IsSupported))
        {
            buffer[position] = 63;
            PlaneMerger.Merge(kernel, layout, buffer, new byte[67 * 2]);
            foreach (byte value in new byte[] { 64, 128, 255 })
            {
                buffer[position] = value;
                ModelPackException refusal = Assert.Throws<ModelPackException>(
                    () => PlaneMerger.Merge(kernel, layout, buffer, new byte[67 * 2]));
                Assert.Equal(ModelPackError.Corrupt, refusal.Error);
                Assert.Contains($"value {value} at position {position} ", refusal.Message, StringComparison.Ordinal);
            }

            buffer[position] = 0;
        }
    }

    [Theory]
    [InlineData(1, 0b_0000_0100)]
    [InlineData(2, 0b_0001_0000)]
    [InlineData(3, 0b_0100_0000)]
    [InlineData(3, 0b_1000_0000)]
    [InlineData(66, 0b_1000_0000)]
    public void Float16_bits_above_the_last_pair_are_refused(int count, byte unusedBit)
    {
        var layout = PlaneLayout.For(PlaneLayoutId.Float16);
        byte[] buffer = new byte[layout.BufferLength(count)];
        byte[] elements = new byte[count * 2];
        int last = layout.PlaneOffset(2, count) + layout.PlaneLength(2, count) - 1;
        buffer[last] = (byte)((1 << (2 * (count % 4))) - 1);
        PlaneMerger.Merge(layout, buffer, elements);
        buffer[last] |= unusedBit;
        ModelPackException refusal = Assert.Throws<ModelPackException>(() => PlaneMerger.Merge(layout, buffer, elements));
        Assert.Equal(ModelPackError.Corrupt, refusal.Error);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Allocates_nothing_in_steady_state(byte id)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)id);
        byte[] elements = PlaneSamples.Make(layout.Id, 10_001);
        byte[] buffer = new byte[layout.BufferLength(10_001)];
        byte[] restored = new byte[elements.Length];
        long allocated = Allocations.InSteadyState(() =>
        {
            PlaneSplitter.Split(layout, elements, buffer);
            PlaneMerger.Merge(layout, buffer, restored);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(elements, restored);
    }
}
