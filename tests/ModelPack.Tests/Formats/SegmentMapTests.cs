using ModelPack.Formats;

namespace ModelPack.Tests.Formats;

public sealed class SegmentMapTests
{
    [Fact]
    public void Gaps_become_structure()
    {
        SegmentMap.Builder builder = WithTensors(20, "a", "b");
        builder.AddData(1, 12, 3);
        builder.AddData(0, 4, 8);

        Assert.Equal<Segment>(
            [new Segment(0, 4, Segment.Structure), new Segment(4, 8, 0), new Segment(12, 3, 1), new Segment(15, 5, Segment.Structure)],
            builder.Build().Segments);
    }

    [Theory]
    [InlineData(0, 4, 3, 4, 3)]
    [InlineData(3, 4, 0, 4, 3)]
    [InlineData(0, 10, 4, 1, 4)]
    [InlineData(5, 2, 5, 2, 5)]
    public void Overlap_is_refused(long offsetA, long lengthA, long offsetB, long lengthB, long fault)
    {
        SegmentMap.Builder builder = WithTensors(10, "a", "b");
        builder.AddData(0, offsetA, lengthA);
        builder.AddData(1, offsetB, lengthB);

        ModelPackException refusal = Assert.Throws<ModelPackException>(builder.Build);
        Assert.Equal(ModelPackError.Corrupt, refusal.Error);
        Assert.Equal(fault, refusal.Offset);
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void Data_outside_the_file_is_refused(long offset, long length)
    {
        SegmentMap.Builder builder = WithTensors(10, "a");

        ModelPackException refusal = Assert.Throws<ModelPackException>(() => builder.AddData(0, offset, length));
        Assert.Equal(offset, refusal.Offset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Opaque_map_is_one_segment_or_none(long length) =>
        Assert.Equal<Segment>(length == 0 ? [] : [new Segment(0, length, Segment.Structure)], SegmentMap.Opaque(length).Segments);

    private static SegmentMap.Builder WithTensors(long fileLength, params string[] names)
    {
        var builder = new SegmentMap.Builder(ModelFormat.Onnx, fileLength);
        foreach (string name in names)
        {
            builder.AddTensor(new TensorInfo(name, Dtype.U8, [1]));
        }

        return builder;
    }
}
