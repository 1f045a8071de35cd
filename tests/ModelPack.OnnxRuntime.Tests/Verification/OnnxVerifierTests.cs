using ModelPack.OnnxRuntime.Tests.Support;
using ModelPack.Tests.Formats.Onnx.Wire;
using ModelPack.Tests.Support;
using static ModelPack.OnnxRuntime.Tests.Support.Graphs;

namespace ModelPack.OnnxRuntime.Tests.Verification;

public sealed class OnnxVerifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Committed =>
        ["mlp_f32.onnx", "conv_f16.onnx", "matmul_bf16.onnx", "quantised_u8.onnx", "quantised_int4.onnx", "if_constants.onnx", "typed_fields.onnx"];

    [Theory]
    [MemberData(nameof(Committed))]
    public void Committed_model_is_equal_to_its_file_and_to_what_is_restored(string file)
    {
        string path = Repository.PathOf(Path.Combine("testmodels", file));
        ModelPacker.Pack(path, _folder["m.mpk"]);

        OnnxFileResult result = Verify(against: path);

        Assert.Equal((OnnxVerdict.Equal, null), (result.Verdict, result.Reason));
        Assert.NotEmpty(result.Outputs);
        Assert.Equal(OnnxVerdict.Equal, Verify(against: null).Verdict);
    }

    [Fact]
    public void Changed_weight_is_found_in_the_output()
    {
        TensorProto changed = Floats("w", 40, 50);
        byte[] bytes = changed.RawData.ToByteArray();
        bytes[(1234 * 4) + 2] ^= 0x40;
        changed.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        Pack(Identity(changed));

        OnnxFileResult result = Verify(against: _folder.Write("original.onnx", Identity(Floats("w", 40, 50))));

        Assert.Equal(OnnxVerdict.Different, result.Verdict);
        Assert.StartsWith("output 'y' element 1234 of 2000 is ", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_shape_of_an_output_is_a_difference()
    {
        Pack(Identity(Floats("w", 40, 50)));
        OnnxFileResult result = Verify(against: _folder.Write("original.onnx", Identity(Floats("w", 50, 40))));
        Assert.Equal("output 'y' is Float[50,40] in the original, Float[40,50] in the packed model", result.Reason);
    }

    [Fact]
    public void Data_files_are_restored_to_memory_for_the_comparison()
    {
        _folder.Write("f/model.onnx", Identity(MoveOut(Floats("w", 40, 50), "w.bin", 12)));
        _folder.Write("f/w.bin", [.. new byte[12], .. FloatBytes(2000)]);
        ModelPacker.Pack(_folder["f"], _folder["m.mpk"]);
        Assert.Equal((OnnxVerdict.Equal, null), (Verify(against: null).Verdict, Verify(against: null).Reason));
        Assert.Equal((OnnxVerdict.Equal, null), (Verify(against: _folder["f"]).Verdict, Verify(against: _folder["f"]).Reason));
    }

    [Fact]
    public void Open_dimensions_are_chosen_until_the_model_takes_them()
    {
        // A reshape to 5 columns takes no power of two.
        ValueInfoProto input = Value("x", Float, 1);
        input.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "n" };
        Pack(Model(Graph([Node("Reshape", ["x", "s"], "y")], [Integers("s", 16, -1, 5)], [input], [Value("y", Float, 16, 1, 5)])));

        OnnxFileResult result = Verify(against: null);

        Assert.Equal((OnnxVerdict.Equal, null), (result.Verdict, result.Reason));
        Assert.Equal(320, Assert.Single(Assert.Single(result.Inputs).Shape));
    }

    [Fact]
    public void Unknown_operator_and_sequences_cannot_be_compared()
    {
        Pack(Model(Graph([Node("NoSuchOperator", ["w"], "y")], [Floats("w", 10)], [], [Value("y", Float, 10)])));
        Assert.Matches("^ONNX Runtime does not take the original: .*NoSuchOperator", Verify(against: null).Reason);

        var sequence = new ValueInfoProto { Name = "x", Type = new TypeProto { SequenceType = new() { ElemType = Value("", Float, 1).Type } } };
        Pack(Model(Graph([Node("SequenceLength", ["x"], "y")], [], [sequence], [Value("y", Graphs.Int64)])));
        OnnxFileResult result = Verify(against: null);
        Assert.Equal((OnnxVerdict.NotComparable, "input 'x' is no tensor but a sequence, which this program does not make"), (result.Verdict, result.Reason));
    }

    [Fact]
    public void Container_without_an_onnx_file_is_refused()
    {
        ModelPacker.Pack(_folder.Write("x.bin", [1, 2]), _folder["m.mpk"]);
        Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => Verify(against: null)).Error);
    }

    [Fact]
    public void Missing_original_is_an_input_output_error()
    {
        Pack(Identity(Floats("w", 4, 5)));
        Assert.Throws<FileNotFoundException>(() => Verify(against: _folder["nowhere"]));
    }

    private static byte[] Identity(TensorProto weights) =>
        Model(Graph([Node("Identity", ["w"], "y")], [weights], [], [Value("y", Float, [.. weights.Dims])]));

    private void Pack(byte[] model) => ModelPacker.Pack(_folder.Write("m.onnx", model), _folder["m.mpk"], new PackOptions { Overwrite = true });

    private OnnxFileResult Verify(string? against)
    {
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        return Assert.Single(OnnxVerifier.Verify(model, new OnnxVerifyOptions { Against = against }));
    }
}
