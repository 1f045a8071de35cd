using ModelPack.Planes;

namespace ModelPack.Tests.Planes;

public sealed class PlaneLayoutTests
{
    public static TheoryData<byte> Layouts => [.. Enum.GetValues<PlaneLayoutId>().Select(id => (byte)id)];

    [Theory]
    [InlineData(Dtype.F16, 1)]
    [InlineData(Dtype.BF16, 2)]
    [InlineData(Dtype.F32, 3)]
    [InlineData(Dtype.C64, 3)]
    [InlineData(Dtype.F64, 4)]
    [InlineData(Dtype.C128, 4)]
    [InlineData(Dtype.U16, 5)]
    [InlineData(Dtype.I16, 5)]
    [InlineData(Dtype.U32, 6)]
    [InlineData(Dtype.I32, 6)]
    [InlineData(Dtype.U64, 7)]
    [InlineData(Dtype.I64, 7)]
    public void Wide_dtypes_have_their_layout_and_varints_are_bytes(Dtype dtype, byte id)
    {
        Assert.Equal(id, (byte)PlaneLayout.For(dtype, TensorEncoding.Raw).Id);
        Assert.Equal(PlaneLayoutId.Bytes, PlaneLayout.For(dtype, TensorEncoding.Varint).Id);
    }

    [Fact]
    public void All_dtypes_of_a_byte_or_less_are_bytes()
    {
        Dtype[] narrow = [.. Enum.GetValues<Dtype>().Where(dtype => dtype.BitWidth() <= 8)];
        Assert.Equal(16, narrow.Length);
        Assert.All(narrow, dtype => Assert.Equal(PlaneLayoutId.Bytes, PlaneLayout.For(dtype, TensorEncoding.Raw).Id));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Planes_hold_the_elements_bits_apart_from_each_other(byte id)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)id);
        Assert.Equal(id, (byte)layout.Id);
        Assert.Equal(layout.PlaneCount, layout.PlaneNames.Distinct().Count());
        foreach (int count in new[] { 0, 1, 63, 64, 65, 1000, PlaneLayout.MaxElementBytes / layout.ElementSize })
        {
            int end = -PlaneLayout.Slack;
            for (int plane = 0; plane < layout.PlaneCount; plane++)
            {
                int offset = layout.PlaneOffset(plane, count);
                Assert.Equal(0, offset % 64);
                Assert.True(offset >= end + PlaneLayout.Slack, "a plane begins in the slack of the one before");
                end = offset + layout.PlaneLength(plane, count);
            }

            Assert.True(layout.BufferLength(count) >= end + PlaneLayout.Slack);
        }
    }

    [Fact]
    public void Float16_pairs_take_a_quarter_byte_rounded_up()
    {
        var layout = PlaneLayout.For(PlaneLayoutId.Float16);
        Assert.Equal([0, 1, 1, 1, 1, 2, 16, 17], new[] { 0, 1, 2, 3, 4, 5, 64, 65 }.Select(count => layout.PlaneLength(2, count)));
        Assert.Equal(65, layout.PlaneLength(0, 65));
        Assert.Equal(65, layout.PlaneLength(1, 65));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Counts_and_planes_that_cannot_be_are_refused(byte id)
    {
        var layout = PlaneLayout.For((PlaneLayoutId)id);
        int most = PlaneLayout.MaxElementBytes / layout.ElementSize;
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.BufferLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.BufferLength(most + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.PlaneLength(0, most + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.PlaneLength(layout.PlaneCount, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.PlaneOffset(-1, 1));
    }

    [Fact]
    public void Undefined_ids_are_refused()
    {
        Assert.False(PlaneLayout.IsDefined((PlaneLayoutId)8));
        Assert.True(PlaneLayout.IsDefined(PlaneLayoutId.Bytes8));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlaneLayout.For((PlaneLayoutId)8));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlaneLayout.For((Dtype)28, TensorEncoding.Raw));
    }
}
