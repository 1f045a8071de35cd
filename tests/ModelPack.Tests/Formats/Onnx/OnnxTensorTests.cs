using Google.Protobuf;
using ModelPack.Formats;
using ModelPack.Tests.Formats.Onnx.Wire;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>Where the bytes of each kind of <c>TensorProto</c> lie, in files that Google.Protobuf wrote.</summary>
public sealed class OnnxTensorTests
{
    // Values of TensorProto.DataType in onnx.proto.
    private const int Float = 1;
    private const int Int64 = 7;
    private const int String = 8;

    [Fact]
    public void Raw_data_is_the_tensor_and_all_else_is_structure()
    {
        byte[] weights = Pattern(24, seed: 1);
        byte[] file = Model(Raw("w", Float, [2, 3], weights)).ToByteArray();

        Mapped mapped = Mapped.Read(file);

        TensorInfo tensor = Assert.Single(mapped.Map.Tensors);
        Assert.Equal("w", tensor.Name);
        Assert.Equal(Dtype.F32, tensor.Dtype);
        Assert.Equal([2ul, 3ul], mapped.Shape("w"));
        Assert.Equal(TensorEncoding.Raw, tensor.Encoding);
        Assert.Equal([new Segment(file.AsSpan().IndexOf(weights), 24, 0)], mapped.SegmentsOf("w"));
    }

    // The enum of onnx.proto, value by value, with the bytes that 5 elements take.
    [Theory]
    [InlineData(1, Dtype.F32, 20)]
    [InlineData(2, Dtype.U8, 5)]
    [InlineData(3, Dtype.I8, 5)]
    [InlineData(4, Dtype.U16, 10)]
    [InlineData(5, Dtype.I16, 10)]
    [InlineData(6, Dtype.I32, 20)]
    [InlineData(7, Dtype.I64, 40)]
    [InlineData(9, Dtype.Bool, 5)]
    [InlineData(10, Dtype.F16, 10)]
    [InlineData(11, Dtype.F64, 40)]
    [InlineData(12, Dtype.U32, 20)]
    [InlineData(13, Dtype.U64, 40)]
    [InlineData(14, Dtype.C64, 40)]
    [InlineData(15, Dtype.C128, 80)]
    [InlineData(16, Dtype.BF16, 10)]
    [InlineData(17, Dtype.F8E4M3, 5)]
    [InlineData(18, Dtype.F8E4M3Fnuz, 5)]
    [InlineData(19, Dtype.F8E5M2, 5)]
    [InlineData(20, Dtype.F8E5M2Fnuz, 5)]
    [InlineData(21, Dtype.U4, 3)]
    [InlineData(22, Dtype.I4, 3)]
    [InlineData(23, Dtype.F4, 3)]
    [InlineData(24, Dtype.F8E8M0, 5)]
    [InlineData(25, Dtype.U2, 2)]
    [InlineData(26, Dtype.I2, 2)]
    public void Every_fixed_width_type_is_mapped_when_its_length_fits(int dataType, Dtype dtype, int length)
    {
        byte[] weights = Pattern(length, seed: dataType);
        Mapped mapped = Mapped.Read(Model(Raw("w", dataType, [5], weights)).ToByteArray());

        Assert.Equal(dtype, mapped.Tensor("w").Dtype);
        Assert.Equal(weights, mapped.Data("w"));
        Assert.Empty(Mapped.Read(Model(Raw("w", dataType, [5], Pattern(length + 1, seed: 2))).ToByteArray()).Map.Tensors);
        Assert.Empty(Mapped.Read(Model(Raw("w", dataType, [5], Pattern(length - 1, seed: 2))).ToByteArray()).Map.Tensors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(27)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Types_without_a_known_width_stay_structure(int dataType) =>
        Assert.Empty(Mapped.Read(Model(Raw("w", dataType, [4], Pattern(4, seed: 1))).ToByteArray()).Map.Tensors);

    [Fact]
    public void Packed_floats_are_raw_little_endian()
    {
        float[] values = [1.5f, -2.25f, 3e7f];
        var floats = new TensorProto { Name = "f", DataType = Float, Dims = { 3 }, FloatData = { values } };
        var complex = new TensorProto { Name = "c", DataType = 14, Dims = { 1 }, FloatData = { 1f, 2f } };
        var doubles = new TensorProto { Name = "d", DataType = 11, Dims = { 2 }, DoubleData = { 1.25, -7 } };
        var complexDoubles = new TensorProto { Name = "z", DataType = 15, Dims = { 1 }, DoubleData = { 1.25, -7 } };

        Mapped mapped = Mapped.Read(Model(floats, complex, doubles, complexDoubles).ToByteArray());

        Assert.Equal(values.SelectMany(BitConverter.GetBytes), mapped.Data("f"));
        Assert.Equal(Dtype.C64, mapped.Tensor("c").Dtype);
        Assert.Equal(8, mapped.Data("c").Length);
        Assert.Equal(new[] { 1.25, -7 }.SelectMany(BitConverter.GetBytes), mapped.Data("d"));
        Assert.Equal(Dtype.C128, mapped.Tensor("z").Dtype);
        Assert.Equal(16, mapped.Data("z").Length);
        Assert.All(mapped.Map.Tensors, tensor => Assert.Equal(TensorEncoding.Raw, tensor.Encoding));
    }

    [Fact]
    public void Packed_integers_are_varints_with_the_dtype_of_the_tensor()
    {
        var shape = new TensorProto { Name = "shape", DataType = Int64, Dims = { 3 }, Int64Data = { 1, -1, 300 } };
        var half = new TensorProto { Name = "half", DataType = 10, Dims = { 2 }, Int32Data = { 0x3C00, 0x4000 } };
        var unsigned = new TensorProto { Name = "u32", DataType = 12, Dims = { 2 }, Uint64Data = { 5, uint.MaxValue } };
        var nibbles = new TensorProto { Name = "i4", DataType = 22, Dims = { 3 }, Int32Data = { 0x21, 0x03 } };

        Mapped mapped = Mapped.Read(Model(shape, half, unsigned, nibbles).ToByteArray());

        // -1 is ten bytes, 300 is AC 02: the encoding guide's own example.
        Assert.Equal([1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0xAC, 0x02], mapped.Data("shape"));
        Assert.Equal([0x80, 0x78, 0x80, 0x80, 0x01], mapped.Data("half"));
        Assert.Equal([5, 255, 255, 255, 255, 15], mapped.Data("u32"));
        Assert.Equal([0x21, 0x03], mapped.Data("i4"));
        Assert.Equal([Dtype.I64, Dtype.F16, Dtype.U32, Dtype.I4], mapped.Map.Tensors.Select(tensor => tensor.Dtype));
        Assert.All(mapped.Map.Tensors, tensor => Assert.Equal(TensorEncoding.Varint, tensor.Encoding));
    }

    [Fact]
    public void Varints_fewer_or_more_than_the_elements_allow_stay_structure()
    {
        var tooFew = new TensorProto { Name = "few", DataType = Int64, Dims = { 4 }, Int64Data = { 1, 2, 3 } };
        var tooMany = new TensorProto { Name = "many", DataType = Int64, Dims = { 1 }, Int64Data = { Enumerable.Repeat(1L, 11) } };
        var wrongField = new TensorProto { Name = "field", DataType = Int64, Dims = { 3 }, Int32Data = { 1, 2, 3 } };

        Assert.Empty(Mapped.Read(Model(tooFew, tooMany, wrongField).ToByteArray()).Map.Tensors);
    }

    [Fact]
    public void Strings_stay_structure()
    {
        var words = new TensorProto { Name = "s", DataType = String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("abc") } };
        Assert.Empty(Mapped.Read(Model(words).ToByteArray()).Map.Tensors);
    }

    [Fact]
    public void Scalars_and_tensors_without_elements_are_listed()
    {
        TensorProto scalar = Raw("scalar", Float, [], Pattern(4, seed: 1));
        var empty = new TensorProto { Name = "empty", DataType = Float, Dims = { 3, 0, long.MaxValue, long.MaxValue } };

        Mapped mapped = Mapped.Read(Model(scalar, empty).ToByteArray());

        Assert.Equal(["scalar", "empty"], mapped.Names);
        Assert.Equal(4, mapped.Data("scalar").Length);
        Assert.Empty(mapped.SegmentsOf("empty"));
        Assert.Equal([3ul, 0ul, long.MaxValue, long.MaxValue], mapped.Shape("empty"));
    }

    [Fact]
    public void External_tensors_are_listed_without_bytes()
    {
        TensorProto external = Raw("w", Float, [1000, 1000], Pattern(8, seed: 1));
        external.DataLocation = 1;
        external.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });

        Mapped mapped = Mapped.Read(Model(external).ToByteArray());

        Assert.Equal([1000ul, 1000ul], mapped.Shape("w"));
        Assert.True(Assert.Single(mapped.Map.Segments).IsStructure);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 8)]
    [InlineData(1L << 62, 4)]
    [InlineData(1L << 32, 1L << 32)]
    public void Dimensions_that_no_file_can_hold_stay_structure(long first, long second) =>
        Assert.Empty(Mapped.Read(Model(Raw("w", Float, [first, second], Pattern(4, seed: 1))).ToByteArray()).Map.Tensors);

    [Fact]
    public void Rank_has_a_bound()
    {
        Assert.Single(Mapped.Read(Model(Raw("w", Float, [.. Enumerable.Repeat(1L, 64)], Pattern(4, seed: 1))).ToByteArray()).Map.Tensors);
        Assert.Empty(Mapped.Read(Model(Raw("w", Float, [.. Enumerable.Repeat(1L, 65)], Pattern(4, seed: 1))).ToByteArray()).Map.Tensors);
    }

    [Fact]
    public void A_tensor_with_raw_data_does_not_use_its_typed_field()
    {
        TensorProto both = Raw("w", Float, [2], Pattern(8, seed: 1));
        both.FloatData.Add([1f, 2f]);
        Assert.Equal(Pattern(8, seed: 1), Mapped.Read(Model(both).ToByteArray()).Data("w"));
    }

    [Fact]
    public void Payloads_larger_than_any_buffer_keep_their_place()
    {
        byte[] first = Pattern(300_000, seed: 1);
        byte[] second = Pattern(70_004, seed: 2);
        byte[] file = Model(Raw("a", Float, [75_000], first), Raw("b", Float, [17_501], second)).ToByteArray();

        Mapped mapped = Mapped.Read(file);

        Assert.Equal(first, mapped.Data("a"));
        Assert.Equal(second, mapped.Data("b"));
    }

    internal static ModelProto Model(params TensorProto[] initializers) =>
        new() { IrVersion = 8, ProducerName = "test", Graph = new GraphProto { Name = "g", Initializer = { initializers } } };

    internal static TensorProto Raw(string name, int dataType, long[] dims, byte[] data) =>
        new() { Name = name, DataType = dataType, Dims = { dims }, RawData = ByteString.CopyFrom(data) };

    internal static byte[] Pattern(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
