using ModelPack.Coding;
using ModelPack.Planes;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

public sealed class PlaneSampleTests
{
    private static readonly ChooserPolicy Policy = new(DictionaryTrial.WhenPromising, LeastSaving: 100, Forced: null);

    [Theory]
    [InlineData(32_767, false)]
    [InlineData(32_768, true)]
    [InlineData(262_144, true)]
    [InlineData(262_145, false)]
    public void Planes_of_large_tensors_are_sampled(int length, bool isSampled) =>
        Assert.Equal(isSampled, PlaneSample.Represents(length));

    // Windows of 512 bytes at 0, (100 000 - 512) / 2 = 49 744 and twice that; 104 runs of 64 bytes, 100 000 / 104 = 961 apart,
    // even ones first; all starts rounded down to multiples of 64.
    [Theory]
    [InlineData(0, 0, 512)]
    [InlineData(512, 49_728, 512)]
    [InlineData(1024, 99_456, 512)]
    [InlineData(1536, 0, 64)]
    [InlineData(1600, 1_920, 64)]
    [InlineData(4800, 97_984, 64)]
    [InlineData(4864, 960, 64)]
    [InlineData(8128, 98_944, 64)]
    public void Windows_and_runs_lie_at_equal_distances(int inSample, int inPlane, int length)
    {
        byte[] plane = SeededPlanes.Make("uniform", 100_000);
        byte[] sample = new byte[PlaneSample.Length];
        PlaneSample.Take(plane, 1, sample);
        Assert.Equal(8192, sample.Length);
        Assert.Equal(4864, PlaneSample.HalfLength);
        Assert.Equal(plane[inPlane..(inPlane + length)], sample[inSample..(inSample + length)]);
    }

    [Theory]
    [InlineData((byte)PlaneLayoutId.Float32)]
    [InlineData((byte)PlaneLayoutId.Float16)]
    public void Sampled_elements_split_to_the_sample_of_the_planes(byte layoutId)
    {
        const int Count = 50_001;
        var layout = PlaneLayout.For((PlaneLayoutId)layoutId);
        byte[] elements = SeededPlanes.Make("uniform", Count * layout.ElementSize);
        byte[] planes = new byte[layout.BufferLength(Count)];
        PlaneSplitter.Split(layout, elements, planes);
        byte[] sampledElements = new byte[PlaneSample.Length * layout.ElementSize];
        PlaneSample.Take(elements, layout.ElementSize, sampledElements);
        byte[] samplePlanes = new byte[layout.BufferLength(PlaneSample.Length)];
        PlaneSplitter.Split(layout, sampledElements, samplePlanes);
        for (int plane = 0; plane < layout.PlaneCount; plane++)
        {
            byte[] expected = new byte[layout.PlaneLength(plane, PlaneSample.Length)];
            Span<byte> bytes = planes.AsSpan(layout.PlaneOffset(plane, Count), layout.PlaneLength(plane, Count));
            if (bytes.Length == Count)
            {
                PlaneSample.Take(bytes, 1, expected);
            }
            else
            {
                PlaneSample.TakeQuarters(bytes, Count, expected);
            }

            Assert.Equal(expected, samplePlanes[layout.PlaneOffset(plane, PlaneSample.Length)..][..expected.Length]);
        }
    }

    [Theory]
    [InlineData("uniform", CoderId.Stored)]
    [InlineData("exponents", CoderId.LaneAns)]
    [InlineData("exponents-with-outliers", CoderId.LaneAns)]
    [InlineData("constant", null)]
    [InlineData("text", null)]
    [InlineData("runs", null)]
    [InlineData("bell-int8", null)]
    public void Clear_cases_are_judged_and_no_others(string kind, object? expected)
    {
        byte[] sample = SeededPlanes.Make(kind, PlaneSample.Length);
        Assert.Equal((CoderId?)expected, PlaneChooser.Judge(sample, 131_072, new PlaneHistogram(), Policy).Coder);
    }

    [Fact]
    public void A_plane_coded_by_its_sample_is_hardly_larger_and_decodes()
    {
        byte[] plane = SeededPlanes.Make("exponents", 131_072);
        var workspace = new CodingWorkspace();
        var histogram = new PlaneHistogram();
        byte[] coded = new byte[plane.Length];
        Assert.Equal(CoderId.LaneAns, PlaneChooser.Encode(plane, coded, histogram, workspace, Policy, isOfFloats: true, out int written));
        Assert.True(histogram.IsSample);
        histogram.Count(plane);
        Assert.True(PlaneCoders.Get(CoderId.LaneAns).TryEncode(plane, histogram, new byte[plane.Length], workspace, out int full));
        Assert.InRange(written, 1, full + (full / 200));
        byte[] restored = new byte[plane.Length];
        PlaneCoders.Get(CoderId.LaneAns).Decode(coded.AsSpan(0, written), restored, workspace);
        Assert.Equal(plane, restored);
    }

    [Fact]
    public void A_plane_that_is_not_as_its_sample_is_looked_at_whole()
    {
        // All that lies between the runs (131 072 / 104 = 1260 apart) and windows is noise: the sample promises what the plane
        // does not keep.
        byte[] plane = SeededPlanes.Make("uniform", 131_072);
        byte[] exponents = SeededPlanes.Make("exponents", PlaneSample.Length);
        for (int window = 0; window < 3; window++)
        {
            exponents.AsSpan(6656 + (window * 512), 512).CopyTo(plane.AsSpan(window * 65_280));
        }

        for (int run = 0; run < 104; run++)
        {
            exponents.AsSpan(run * 64, 64).CopyTo(plane.AsSpan(run * 1260 / 64 * 64));
        }

        byte[] sample = new byte[PlaneSample.Length];
        PlaneSample.Take(plane, 1, sample);
        Assert.Equal(CoderId.LaneAns, PlaneChooser.Judge(sample, plane.Length, new PlaneHistogram(), Policy).Coder);

        var histogram = new PlaneHistogram();
        byte[] coded = new byte[plane.Length];
        _ = PlaneChooser.Encode(plane, coded, histogram, new CodingWorkspace(), Policy, isOfFloats: true, out int written);
        Assert.False(histogram.IsSample);
        Assert.InRange(written, 1, plane.Length);
    }

    [Fact]
    public void Entropy_of_two_equally_frequent_values_is_a_bit_each()
    {
        var histogram = new PlaneHistogram();
        histogram.Count([.. Enumerable.Range(0, 1000).Select(i => (byte)(i & 1))]);
        // The logarithm of 1000 is taken by its first nine bits, 500's exactly.
        Assert.InRange(histogram.EntropyBits, 994, 1000);
    }
}
