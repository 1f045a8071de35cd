using ModelPack.Coding;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>Splitting into place and judging by samples gives the bytes that splitting first and choosing plane after plane gives.</summary>
public sealed class NoisyFloatEncoderTests
{
    private static readonly ChooserPolicy Policy = new(DictionaryTrial.WhenPromising, LeastSaving: 100, Forced: null);

    public static TheoryData<byte, int> Blocks
    {
        get
        {
            var data = new TheoryData<byte, int>();
            foreach (PlaneLayoutId layout in new[] { PlaneLayoutId.BFloat16, PlaneLayoutId.Float16, PlaneLayoutId.Float32 })
            {
                foreach (int count in new[] { 32_768, 32_769, 40_001, 65_599, 131_072, 131_135, 131_199 })
                {
                    data.Add((byte)layout, count);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Gives_the_bytes_of_the_planes_coded_one_by_one(byte layoutId, int count)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)layoutId);
        byte[] elements = Elements(layout, count);
        var workspace = new CodingWorkspace();
        byte[] expected = CodeOneByOne(layout, elements, workspace, out int expectedExponents);

        const byte Guard = 0xA5;
        int room = PlanesLength(layout, count);
        byte[] buffer = new byte[room + 128];
        buffer.AsSpan().Fill(Guard);
        Span<byte> coded = buffer.AsSpan(64, room);
        Assert.True(new NoisyFloatEncoder(Policy).TryEncode(layout, elements, coded, new PlaneHistogram(), workspace, out int exponents));
        Assert.Equal(expectedExponents, exponents);
        Assert.Equal(expected, coded[^expected.Length..].ToArray());
        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before its room");
        Assert.True(buffer.AsSpan(64 + room).IndexOfAnyExcept(Guard) < 0, "wrote behind its room");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leaves_alone_what_is_not_noise_behind_its_exponents(bool isShort)
    {
        var layout = PlaneLayout.For(PlaneLayoutId.BFloat16);
        byte[] elements = isShort ? Elements(layout, 32_767) : new byte[2 * 40_000];
        Assert.False(new NoisyFloatEncoder(Policy).TryEncode(layout, elements, new byte[elements.Length], new PlaneHistogram(), new CodingWorkspace(), out _));
    }

    [Fact]
    public void Allocates_nothing_in_steady_state()
    {
        const int Count = 131_135;
        var layout = PlaneLayout.For(PlaneLayoutId.BFloat16);
        byte[] elements = Elements(layout, Count);
        byte[] coded = new byte[elements.Length];
        var histogram = new PlaneHistogram();
        var workspace = new CodingWorkspace();
        var encoder = new NoisyFloatEncoder(Policy);
        Assert.True(encoder.TryEncode(layout, elements, coded, histogram, workspace, out _));
        Assert.Equal(0, Allocations.InSteadyState(() => encoder.TryEncode(layout, elements, coded, histogram, workspace, out _)));
    }

    private static int PlanesLength(PlaneLayout layout, int count) => count + NoisyFloatEncoder.StoredLength(layout, count);

    private static byte[] Elements(PlaneLayout layout, int count)
    {
        byte[] planes = new byte[layout.BufferLength(count)];
        new Random(count).NextBytes(planes);
        SeededPlanes.Make(layout.Id == PlaneLayoutId.Float16 ? "exponents" : "exponents-with-outliers", count).CopyTo(planes, 0);
        if (layout.Id == PlaneLayoutId.Float16)
        {
            // Its exponents have five bits, and the top mantissa bit goes with them.
            foreach (ref byte exponent in planes.AsSpan(0, count))
            {
                exponent &= Float16Format.MaxExponent;
            }

            // A last byte that is not full has zeros behind its pairs.
            planes[layout.PlaneOffset(2, count) + layout.PlaneLength(2, count) - 1] &= (byte)((1 << (2 * (((count - 1) % 4) + 1))) - 1);
        }

        byte[] elements = new byte[count * layout.ElementSize];
        PlaneMerger.Merge(PlaneKernels.BestFirst.Last(kernel => kernel.Layout == layout.Id), layout, planes, elements);
        return elements;
    }

    private static byte[] CodeOneByOne(PlaneLayout layout, byte[] elements, CodingWorkspace workspace, out int exponentLength)
    {
        int count = elements.Length / layout.ElementSize;
        byte[] planes = new byte[layout.BufferLength(count)];
        PlaneSplitter.Split(layout, elements, planes);
        byte[] coded = new byte[elements.Length];
        int length = 0;
        exponentLength = 0;
        for (int plane = 0; plane < layout.PlaneCount; plane++)
        {
            CoderId coder = PlaneChooser.Encode(
                planes.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)), coded.AsSpan(length), new PlaneHistogram(), workspace, Policy, isOfFloats: true, out int written);
            Assert.Equal(plane == 0 ? CoderId.LaneAns : CoderId.Stored, coder);
            exponentLength = plane == 0 ? written : exponentLength;
            length += written;
        }

        return coded[..length];
    }
}
