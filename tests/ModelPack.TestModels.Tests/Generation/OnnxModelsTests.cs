using Microsoft.ML.OnnxRuntime;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Onnx;

namespace ModelPack.TestModels.Tests.Generation;

/// <summary>ONNX Runtime takes the generated models and computes with their weights.</summary>
public sealed class OnnxModelsTests
{
    private static readonly SmallModel[] Made = [.. OnnxModels.All()];

    public static TheoryData<string> Files => [.. Made.Select(model => model.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Model_loads(string file)
    {
        using InferenceSession session = Load(file);
        Assert.NotEmpty(session.OutputNames);
    }

    [Theory]
    [InlineData("mlp_f32.onnx", 64, 10)]
    [InlineData("matmul_bf16.onnx", 128, 96)]
    [InlineData("quantised_u8.onnx", 96, 64)]
    [InlineData("quantised_int4.onnx", 128, 48)]
    public void Model_computes(string file, int inputs, int outputs)
    {
        using InferenceSession session = Load(file);
        float[] result = Run(session, outputs, ("x", Vector(inputs, i => (i % 5) - 2f)));
        Assert.All(result, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(outputs, result.Distinct().Count());
    }

    [Fact]
    public void BF16_weights_are_what_the_runtime_multiplies_with()
    {
        using InferenceSession session = Load("matmul_bf16.onnx");
        TensorProto weights = Assert.Single(Parse("matmul_bf16.onnx").Graph.Initializer);
        float[] thirdRow = Run(session, 96, ("x", Vector(128, i => i == 3 ? 1f : 0f)));
        Assert.Equal(Enumerable.Range(0, 96).Select(i => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(weights.RawData.Span[((3 * 96 + i) * 2)..]) << 16)), thirdRow);
    }

    [Fact]
    public void UINT8_weights_are_what_the_runtime_multiplies_with()
    {
        using InferenceSession session = Load("quantised_u8.onnx");
        GraphProto graph = Parse("quantised_u8.onnx").Graph;
        TensorProto Named(string name) => graph.Initializer.Single(tensor => tensor.Name == name);
        float[] seventhColumn = Run(session, 64, ("x", Vector(96, i => i == 7 ? 1f : 0f)));
        for (int row = 0; row < 64; row++)
        {
            int steps = Named("w").RawData[(row * 96) + 7] - Named("zero").RawData[row];
            Assert.Equal(steps * BitConverter.ToSingle(Named("scale").RawData.Span[(row * 4)..]), seventhColumn[row], 1e-6f);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_branch_uses_its_own_weights(bool choose)
    {
        using InferenceSession session = Load("if_constants.onnx");
        IEnumerable<AttributeProto> branches = Parse("if_constants.onnx").Graph.Node.Single(node => node.OpType == "If").Attribute;
        GraphProto branch = branches.Single(attribute => attribute.Name == (choose ? "then_branch" : "else_branch")).G;
        TensorProto weights = choose ? branch.Initializer[0] : branch.Node[0].Attribute[0].T;
        using OrtValue flag = OrtValue.CreateTensorValueFromMemory(new[] { choose }, []);
        float[] firstRow = Run(session, 32, ("choose", flag), ("x", Vector(32, i => i == 0 ? 1f : 0f)));
        for (int i = 0; i < 32; i++)
        {
            Assert.Equal(BitConverter.ToSingle(weights.RawData.Span[(i * 4)..]) + (choose ? 0 : 1), firstRow[i], 1e-6f);
        }
    }

    [Fact]
    public void F16_convolution_computes()
    {
        using InferenceSession session = Load("conv_f16.onnx");
        Float16[] image = [.. Enumerable.Range(0, 3 * 16 * 16).Select(i => (Float16)((i % 7) / 7f))];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(image, [1, 3, 16, 16]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [input], ["y"]);
        float[] result = [.. outputs[0].GetTensorDataAsSpan<Float16>().ToArray().Select(value => (float)value)];
        Assert.Equal(32, result.Length);
        Assert.All(result, value => Assert.True(float.IsFinite(value)));
        Assert.True(result.Distinct().Count() > 16);
    }

    [Fact]
    public void Typed_fields_are_read_by_the_runtime_as_they_were_meant()
    {
        using InferenceSession session = Load("typed_fields.onnx");
        using var options = new RunOptions();
        string[] names = ["i64_out", "u32_out", "i8_out", "u16_out", "f64_out", "text_out", "i32_out"];
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, new Dictionary<string, OrtValue>(), names);
        Assert.Equal([0, 1, -1, long.MaxValue, long.MinValue], outputs[0].GetTensorDataAsSpan<long>().ToArray());
        Assert.Equal([1, 128, uint.MaxValue], outputs[1].GetTensorDataAsSpan<uint>().ToArray());
        Assert.Equal([-128, 127, -1], outputs[2].GetTensorDataAsSpan<sbyte>().ToArray());
        Assert.Equal([0, 65535, 300], outputs[3].GetTensorDataAsSpan<ushort>().ToArray());
        Assert.Equal([0.1, -1e300, 5e-324], outputs[4].GetTensorDataAsSpan<double>().ToArray());
        Assert.Equal(["weights", "Gewichte"], outputs[5].GetStringTensorAsArray());
        Assert.Equal([0, -1, 127, 128, int.MaxValue, int.MinValue], outputs[6].GetTensorDataAsSpan<int>().ToArray());
    }

    private static byte[] Contents(string file) => Made.Single(model => model.File == file).Contents;

    private static InferenceSession Load(string file) => new(Contents(file));

    private static ModelProto Parse(string file) => ModelProto.Parser.ParseFrom(Contents(file));

    private static OrtValue Vector(int length, Func<int, float> value) =>
        OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, length).Select(value)], [1, length]);

    private static float[] Run(InferenceSession session, int outputs, params (string Name, OrtValue Value)[] inputs)
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], ["y"]);
        float[] values = results[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.Equal(outputs, values.Length);
        return values;
    }
}
