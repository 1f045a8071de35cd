using ModelPack.Pipeline;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

public class TensorExportTests
{
    // Protocol Buffers encoding, "Signed Integers" and "Base 128 Varints": 300 and -1.
    private static readonly byte[] ThreeHundred = [0xAC, 0x02];
    private static readonly byte[] MinusOne = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];

    [Theory]
    [InlineData(1, new byte[] { 0x2C, 0xFF, 0x2C })]
    [InlineData(2, new byte[] { 0x2C, 0x01, 0xFF, 0xFF, 0x2C, 0x01 })]
    [InlineData(4, new byte[] { 0x2C, 0x01, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x2C, 0x01, 0, 0 })]
    [InlineData(8, new byte[] { 0x2C, 0x01, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x2C, 0x01, 0, 0, 0, 0, 0, 0 })]
    public void Varints_become_elements_wherever_they_are_parted(int elementSize, byte[] expected)
    {
        byte[] varints = [.. ThreeHundred, .. MinusOne, .. ThreeHundred];
        for (int cut = 0; cut <= varints.Length; cut++)
        {
            using var output = new MemoryStream();
            var expander = new VarintExpander(output, elementSize);
            expander.Add(varints.AsSpan(0, cut));
            expander.Add(varints.AsSpan(cut));
            expander.Finish();
            Assert.Equal(expected, output.ToArray());
            Assert.Equal(3, expander.Count);
        }
    }

    [Fact]
    public void Many_varints_leave_no_gap_between_buffers()
    {
        const int Count = 100_000;
        byte[] varints = [.. Enumerable.Range(0, Count).Select(static i => (byte)(i % 128))];
        using var output = new MemoryStream();
        var expander = new VarintExpander(output, 4);
        expander.Add(varints);
        expander.Finish();

        Assert.Equal(Enumerable.Range(0, Count).SelectMany(static i => new byte[] { (byte)(i % 128), 0, 0, 0 }), output.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    public void Varint_of_more_than_64_bits_is_corrupt(byte[] varint)
    {
        var expander = new VarintExpander(Stream.Null, 8);
        Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => expander.Add(varint)).Error);
    }

    [Fact]
    public void End_inside_a_varint_is_corrupt()
    {
        var expander = new VarintExpander(Stream.Null, 8);
        expander.Add([0x05, 0x80]);
        Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(expander.Finish).Error);
    }

    [Fact]
    public void Another_number_of_varints_than_the_shape_asks_for_is_corrupt()
    {
        // Three elements, three bytes at least: the reader of the format looks no closer.
        ModelPackException exception = ExtractFails([0x3A, 0x04, 1, 2, 3, 4], []);
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
        Assert.Contains("has 4 varints, its shape asks for 3", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensor_whose_data_lies_in_another_file_cannot_be_extracted()
    {
        // external_data: location = "w"; data_location: EXTERNAL.
        byte[] entry = [0x0A, 0x08, .. "location"u8, 0x12, 0x01, (byte)'w'];
        ModelPackException exception = ExtractFails([], [0x6A, (byte)entry.Length, .. entry, 0x70, 0x01]);
        Assert.Equal(ModelPackError.InvalidRequest, exception.Error);
        Assert.Contains("lies in another file", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_of_tensors_appears_whole_or_not_at_all()
    {
        using var folder = new TemporaryFolder();
        using PackedModel model = Open(folder, SmallModels.Mixed(), "model.safetensors");
        PackedTensor[] tensors = [model.FindTensor("ids"), model.FindTensor("zeros")];

        Assert.Throws<ModelPackException>(() => model.ExtractTensors([(tensors[0], "a"), (tensors[1], "../b")], Path.Combine(folder.Path, "out")));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "out")));

        model.ExtractTensors([(tensors[0], "a"), (tensors[1], "b")], Path.Combine(folder.Path, "out"));
        Assert.Equal(SmallModels.Int64Ramp(100), File.ReadAllBytes(Path.Combine(folder.Path, "out", "a")));
        Assert.Equal(new byte[500], File.ReadAllBytes(Path.Combine(folder.Path, "out", "b")));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public void Safetensors_file_of_one_tensor_is_read_as_such()
    {
        using var folder = new TemporaryFolder();
        using PackedModel model = Open(folder, SmallModels.Mixed(), "model.safetensors");
        using var file = new MemoryStream();
        model.ExtractTensor(model.FindTensor("norm"), file, TensorFileFormat.Safetensors);

        using var target = new MemoryStream();
        file.Position = 0;
        PackResult result = ModelPacker.Pack(file, "norm.safetensors", target);
        Assert.Equal(1, Assert.Single(result.Files).TensorCount);
        Assert.Equal(SmallModels.Float32Weights(64, 2), file.ToArray()[^256..]);
    }

    // An ONNX model with one INT64 initializer 't' of three elements (onnx.proto).
    private static ModelPackException ExtractFails(byte[] data, byte[] rest)
    {
        byte[] tensor = [0x08, 0x03, 0x10, 0x07, .. data, 0x42, 0x01, (byte)'t', .. rest];
        byte[] graph = [0x12, 0x01, (byte)'g', 0x2A, (byte)tensor.Length, .. tensor];
        byte[] onnx = [0x08, 0x08, 0x3A, (byte)graph.Length, .. graph, 0x42, 0x02, 0x10, 0x11];
        using var folder = new TemporaryFolder();
        using PackedModel model = Open(folder, onnx, "model.onnx");
        return Assert.Throws<ModelPackException>(() => model.ExtractTensor(model.FindTensor("t"), Stream.Null));
    }

    private static PackedModel Open(TemporaryFolder folder, byte[] original, string name)
    {
        string path = Path.Combine(folder.Path, "packed");
        File.WriteAllBytes(path, Packing.Pack(original, name));
        return PackedModel.Open(path);
    }
}
