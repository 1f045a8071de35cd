using ModelPack.Formats;
using ModelPack.Formats.Safetensors;

namespace ModelPack.Tests.Formats.Safetensors;

public sealed class SafetensorsHeaderWriterTests
{
    public static TheoryData<string, Dtype, int> Dtypes => SafetensorsReaderTests.Dtypes();

    /// <summary>The header of the reference implementation's <c>test_deserialization</c>: 60 bytes, so four spaces follow.</summary>
    [Fact]
    public void Header_is_what_the_reference_implementation_writes() =>
        Assert.Equal(
            "@\0\0\0\0\0\0\0{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}    "u8.ToArray(),
            SafetensorsHeaderWriter.Write("test", Dtype.I32, [2, 2], 16));

    [Fact]
    public void Header_that_needs_no_padding_gets_none() =>
        Assert.Equal(
            "8\0\0\0\0\0\0\0{\"test\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]}}"u8.ToArray(),
            SafetensorsHeaderWriter.Write("test", Dtype.I32, [], 4));

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void Reader_takes_every_dtype_back(string name, Dtype dtype, int bits)
    {
        byte[] header = SafetensorsHeaderWriter.Write(name, dtype, [4, 2], bits);

        SegmentMap map = SafetensorsFile.Read([.. header, .. new byte[bits]]);

        Assert.Equal(0, header.Length % 8);
        TensorInfo tensor = Assert.Single(map.Tensors);
        Assert.Equal((name, dtype), (tensor.Name, tensor.Dtype));
        Assert.Equal<ulong>([4ul, 2ul], tensor.Shape);
        Assert.Equal(new Segment(header.Length, bits, 0), map.Segments[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b.c:0")]
    [InlineData("\"\\\b\f\n\r\t\0\u001F\u007F")]
    [InlineData("é\u2028\uFFFF\U0001F600<&'+>")]
    public void Reader_takes_every_name_back(string name) =>
        Assert.Equal(name, Assert.Single(SafetensorsFile.Read(SafetensorsHeaderWriter.Write(name, Dtype.U8, [0, ulong.MaxValue], 0)).Tensors).Name);

    [Theory]
    [InlineData(Dtype.None, "BYTES")]
    [InlineData(Dtype.C128, "C128")]
    [InlineData(Dtype.U4, "U4")]
    [InlineData(Dtype.I4, "I4")]
    [InlineData(Dtype.U2, "U2")]
    [InlineData(Dtype.I2, "I2")]
    [InlineData((Dtype)200, "200")]
    public void Refuses_dtypes_that_the_format_lacks(Dtype dtype, string named) => AssertRefused("t", dtype, [8], 8, $"no dtype {named}");

    [Fact]
    public void Refuses_the_name_of_the_metadata() => AssertRefused("__metadata__", Dtype.U8, [8], 8, "reserves");

    [Fact]
    public void Refuses_names_with_half_of_a_surrogate_pair()
    {
        // Not inline data: attributes are kept as UTF-8, which has no such strings.
        foreach (string name in new[] { "a\uD83D", "\uD83Da", "\uDE00\uD83D", "\U0001F600\uDE00" })
        {
            AssertRefused(name, Dtype.U8, [8], 8, "surrogate");
        }
    }

    [Fact]
    public void Refuses_a_name_longer_than_a_header()
    {
        AssertRefused(new string('n', 100_000_001), Dtype.U8, [8], 8, "longer than the 100000000 bytes");
        AssertRefused(new string('n', 99_999_980), Dtype.U8, [8], 8, "at most 100000000 are allowed");
    }

    [Theory]
    [InlineData(Dtype.F32, 2, 7, "it has 7 bytes, but its shape and dtype take 8")]
    [InlineData(Dtype.F32, 2, -8, "it has -8 bytes")]
    [InlineData(Dtype.F4, 3, 2, "whole number of bytes")]
    [InlineData(Dtype.F64, ulong.MaxValue, 8, "2^64 bits")]
    public void Refuses_data_that_does_not_fit_the_shape(Dtype dtype, ulong count, long dataLength, string reason) =>
        AssertRefused("t", dtype, [count], dataLength, reason);

    private static void AssertRefused(string name, Dtype dtype, ulong[] shape, long dataLength, string reason)
    {
        ModelPackException refusal = Assert.Throws<ModelPackException>(() => SafetensorsHeaderWriter.Write(name, dtype, shape, dataLength));
        Assert.Equal(ModelPackError.InvalidRequest, refusal.Error);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("tensor '", refusal.Message, StringComparison.Ordinal);
    }
}
