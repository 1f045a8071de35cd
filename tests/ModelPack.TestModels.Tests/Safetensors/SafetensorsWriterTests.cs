using System.Text;
using ModelPack.TestModels.Safetensors;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Safetensors;

/// <summary>Expected bytes are those of the upstream library's own tests (huggingface/safetensors, tensor.rs).</summary>
public sealed class SafetensorsWriterTests
{
    private static readonly byte[] ZeroToFive = [.. new[] { 0f, 1f, 2f, 3f, 4f, 5f }.SelectMany(BitConverter.GetBytes)];

    [Theory]
    [InlineData("attn.0", new ulong[] { 1, 2, 3 }, """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""")]
    [InlineData("attn0", new ulong[] { 1, 1, 2, 3 }, """{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       """)]
    public void One_tensor_is_written_as_upstream_does(string name, ulong[] shape, string header)
    {
        byte[] file = Write([new SafetensorsTensor(name, Dtype.F32, [.. shape], ZeroToFive)], null);
        Assert.Equal([(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(header), .. ZeroToFive], file);
    }

    [Fact]
    public void No_tensor_is_written_as_upstream_does()
    {
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, 123, 125, 32, 32, 32, 32, 32, 32], Write([], null));
        const string Header = """{"__metadata__":{"framework":"pt"}}     """;
        Assert.Equal([40, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(Header)], Write([], new Dictionary<string, string> { ["framework"] = "pt" }));
    }

    [Fact]
    public void Wide_dtypes_come_first_and_then_names_in_UTF8_order()
    {
        byte[] file = Write(
            [
                new("b", Dtype.Bool, [1], [1]),
                new("\U0001F600", Dtype.F16, [1], [1, 2]),
                new("\uFFFD", Dtype.F16, [1], [3, 4]),
                new("i", Dtype.I64, [], new byte[8]),
                new("bf", Dtype.BF16, [1], [5, 6]),
            ],
            null);
        Assert.Equal(["i", "bf", "\uFFFD", "\U0001F600", "b"], new SafetensorsFile(file).Names);
    }

    [Fact]
    public void Names_that_need_it_are_escaped()
    {
        const string Name = "a\"b\\c\nd\u0001é/";
        byte[] file = Write([new SafetensorsTensor(Name, Dtype.U8, [1], [7])], null);
        Assert.Contains("""{"a\"b\\c\nd\u0001é/":""", Encoding.UTF8.GetString(file), StringComparison.Ordinal);
        Assert.Equal([7], new SafetensorsFile(file)[Name].Data);
    }

    [Theory]
    [InlineData("__metadata__", Dtype.U8, 1)]
    [InlineData("twice", Dtype.U8, 1)]
    [InlineData("no such dtype", Dtype.I4, 2)]
    [InlineData("half a byte", Dtype.F4, 1)]
    public void What_safetensors_cannot_hold_is_refused(string name, Dtype dtype, ulong elements)
    {
        var error = Assert.Throws<ModelPackException>(() => Write(
            [new("twice", Dtype.U8, [1], [0]), new SafetensorsTensor(name, dtype, [elements], [0])], null));
        Assert.Equal(ModelPackError.Unsupported, error.Error);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Write(IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
