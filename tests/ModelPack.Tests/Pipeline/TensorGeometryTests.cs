using ModelPack.Coding;
using ModelPack.Formats;
using ModelPack.Pipeline;

namespace ModelPack.Tests.Pipeline;

public sealed class TensorGeometryTests
{
    [Theory]
    [InlineData(new ulong[] { 64, 32, 3, 3 }, 288, 9)]
    [InlineData(new ulong[] { 64, 32, 7 }, 224, 7)]
    [InlineData(new ulong[] { 1, 1, 64, 32 }, 32, 1)]
    [InlineData(new ulong[] { 1, 64, 32, 3 }, 96, 3)]
    [InlineData(new ulong[] { 64, 1, 5, 5 }, 25, 25)]
    [InlineData(new ulong[] { 64, 1000 }, 1000, 1)]
    // Longer than a kernel: a dimension of its own.
    [InlineData(new ulong[] { 8, 128, 512 }, 512, 1)]
    [InlineData(new ulong[] { 3, 3, 64, 128 }, 128, 1)]
    [InlineData(new ulong[] { 4096 }, 0, 0)]
    [InlineData(new ulong[] { }, 0, 0)]
    [InlineData(new ulong[] { 5, 0, 3 }, 0, 0)]
    [InlineData(new ulong[] { 2, ulong.MaxValue, ulong.MaxValue, 9 }, 0, 0)]
    public void Rows_and_tiles_follow_from_the_shape(ulong[] shape, int row, int tile)
    {
        long elements = shape.Aggregate(1L, static (product, length) => unchecked(product * (long)length));
        Assert.Equal(new TensorGeometry(row, tile), TensorGeometry.Of(new TensorInfo("w", Dtype.I8, [.. shape]), elements));
    }

    [Fact]
    public void Nothing_is_known_of_a_part_of_a_tensor() =>
        Assert.Equal(default, TensorGeometry.Of(new TensorInfo("w", Dtype.I8, [64, 32]), 64 * 31));

    [Fact]
    public void Nothing_is_known_of_varints() =>
        Assert.Equal(default, TensorGeometry.Of(new TensorInfo("w", Dtype.I32, [64, 32], TensorEncoding.Varint), 64 * 32));

    [Fact]
    public void Only_plane_0_of_some_dtypes_has_a_geometry()
    {
        var geometry = new TensorGeometry(90, 9);
        Assert.Equal(new PlaneGeometry(PlaneValues.RotatedExponents, 90, 9, 10), geometry.OfPlane(Dtype.BF16, 0, 100));
        Assert.Equal(new PlaneGeometry(PlaneValues.HalfExponents, 90, 9, 10), geometry.OfPlane(Dtype.F16, 0, 190));
        Assert.Equal(PlaneValues.RotatedExponents, geometry.OfPlane(Dtype.F32, 0, 0).Values);
        Assert.Equal(PlaneValues.Signed, geometry.OfPlane(Dtype.I8, 0, 0).Values);
        Assert.Equal(PlaneValues.Unsigned, geometry.OfPlane(Dtype.U8, 0, 0).Values);
        Assert.False(geometry.OfPlane(Dtype.BF16, 1, 0).IsKnown);
        Assert.False(geometry.OfPlane(Dtype.I64, 0, 0).IsKnown);
        Assert.False(default(TensorGeometry).OfPlane(Dtype.U8, 0, 7).IsKnown);
    }

    [Fact]
    public void Rows_longer_than_a_block_are_cut()
    {
        const long Elements = 2L << 23;
        var builder = new SegmentMap.Builder(ModelFormat.Safetensors, Elements * 4);
        builder.AddData(builder.AddTensor(new TensorInfo("w", Dtype.F32, [2, 1 << 23])), 0, Elements * 4);
        var planner = new BlockPlanner(builder.Build(), contexts: ContextTrial.Always);
        var plan = new BlockPlan();
        while (planner.Next(plan))
        {
            Assert.InRange(plan.Length, 1, BlockPlanner.ContextElements * 4);
        }
    }

    [Theory]
    [InlineData(ContextTrial.Never, Dtype.I8, 128 * 1024)]
    [InlineData(ContextTrial.OfIntegers, Dtype.BF16, 128 * 1024)]
    [InlineData(ContextTrial.OfIntegers, Dtype.I8, 1_000_000)]
    [InlineData(ContextTrial.Always, Dtype.BF16, 1_000_000)]
    public void Blocks_for_contexts_are_long_and_end_with_rows(object trial, Dtype dtype, int near)
    {
        const int Row = 512 * 9;
        const int Elements = 512 * Row;
        int size = dtype.BitWidth() / 8;
        var builder = new SegmentMap.Builder(ModelFormat.Safetensors, (long)Elements * size);
        builder.AddData(builder.AddTensor(new TensorInfo("w", dtype, [512, 512, 3, 3])), 0, (long)Elements * size);
        var planner = new BlockPlanner(builder.Build(), (ContextTrial)trial);
        var plan = new BlockPlan();
        long done = 0;
        while (planner.Next(plan))
        {
            Assert.Equal(done, plan.Offset);
            Assert.Equal(done / size, plan.FirstElement);
            Assert.InRange(plan.Length / size, near * 0.7, near * 1.4);
            Assert.True((ContextTrial)trial is ContextTrial.Never || near < Row * 50 || plan.Length / size % Row == 0);
            done += plan.Length;
        }

        Assert.Equal((long)Elements * size, done);
    }
}
