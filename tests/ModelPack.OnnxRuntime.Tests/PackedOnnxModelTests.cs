using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelPack.Tests.Formats.Onnx.Wire;
using ModelPack.Tests.Support;
using static ModelPack.OnnxRuntime.Tests.Support.Graphs;

namespace ModelPack.OnnxRuntime.Tests;

public sealed class PackedOnnxModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Session_computes_with_the_weights()
    {
        using PackedOnnxSession session = PackedOnnxModel.CreateSession(Pack("m.onnx", MatMul()));
        Assert.Equal(64 * 64 * 4, session.WeightBytes);
        Assert.Equal(ThirdRow(), Run(session));
    }

    [Fact]
    public void Session_needs_neither_container_nor_model_any_more()
    {
        string packed = Pack("m.onnx", MatMul());
        PackedOnnxSession session;
        using (PackedModel model = PackedModel.Open(packed))
        {
            session = PackedOnnxModel.CreateSession(model);
        }

        File.Delete(packed);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using (session)
        {
            Assert.Equal(ThirdRow(), Run(session));
        }
    }

    [Fact]
    public void Options_stay_the_callers()
    {
        string packed = Pack("m.onnx", MatMul());
        var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        options.AddSessionConfigEntry("session.disable_prepacking", "1");
        using (PackedOnnxSession first = PackedOnnxModel.CreateSession(packed, options))
        using (PackedOnnxSession second = PackedOnnxModel.CreateSession(packed, options))
        using (var plain = new InferenceSession(MatMul(), options))
        {
            options.Dispose();
            Assert.Equal(ThirdRow(), Run(first));
            Assert.Equal(ThirdRow(), Run(second));
            Assert.Equal(ThirdRow(), Run(plain));
        }
    }

    [Fact]
    public void Options_are_heeded()
    {
        using var options = new SessionOptions { OptimizedModelFilePath = _folder["optimised.onnx"] };
        using PackedOnnxSession session = PackedOnnxModel.CreateSession(Pack("m.onnx", MatMul()), options);
        Assert.True(File.Exists(_folder["optimised.onnx"]));
    }

    [Fact]
    public void Output_that_is_a_weight_outlives_the_session()
    {
        byte[] model = Model(Graph([Node("Identity", ["w"], "y")], [Floats("w", 40, 50)], [], [Value("y", Float, 40, 50)]));
        using var options = new RunOptions();
        IDisposableReadOnlyCollection<OrtValue> outputs;
        using (PackedOnnxSession session = PackedOnnxModel.CreateSession(Pack("m.onnx", model)))
        {
            outputs = session.Run(options, new Dictionary<string, OrtValue>(), ["y"]);
        }

        using (outputs)
        {
            Assert.Equal(FloatBytes(2000), MemoryMarshal.AsBytes(outputs[0].GetTensorDataAsSpan<float>()).ToArray());
        }
    }

    [Fact]
    public void Disposing_twice_is_no_harm_and_many_sessions_end_with_their_memory()
    {
        string packed = Pack("m.onnx", MatMul());
        PackedOnnxSession session = PackedOnnxModel.CreateSession(packed);
        session.Dispose();
        session.Dispose();
        for (int i = 0; i < 20; i++)
        {
            // Left to the finalizers.
            Assert.Equal(ThirdRow(), Run(PackedOnnxModel.CreateSession(packed)));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void Weights_in_data_files_of_the_folder_are_found()
    {
        byte[] weights = FloatBytes(64 * 64);
        string folder = Path.GetDirectoryName(_folder.Write("f/net/model.onnx", MatMul(MoveOut(Floats("w", 64, 64), "data/w.bin", 128))))!;
        _folder.Write("f/net/data/w.bin", [.. new byte[128], .. weights]);
        ModelPacker.Pack(Path.GetDirectoryName(folder)!, _folder["f.mpk"]);

        using PackedOnnxSession session = PackedOnnxModel.CreateSession(_folder["f.mpk"]);

        Assert.Equal(weights.Length, session.WeightBytes);
        Assert.Equal(ThirdRow(), Run(session));
    }

    [Theory]
    [InlineData("gone.bin")]
    [InlineData("../w.bin")]
    [InlineData("/w.bin")]
    public void Data_file_that_is_not_in_the_container_is_not_looked_for_elsewhere(string location)
    {
        _folder.Write("w.bin", FloatBytes(64 * 64));
        _folder.Write("f/model.onnx", MatMul(MoveOut(Floats("w", 64, 64), location, 0)));
        _folder.Write("f/other", [1]);
        ModelPackException exception = Assert.Throws<ModelPackException>(() =>
        {
            ModelPacker.Pack(_folder["f"], _folder["f.mpk"]);
            PackedOnnxModel.CreateSession(_folder["f.mpk"]);
        });
        Assert.Contains(location, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Which_of_several_models_must_be_said()
    {
        _folder.Write("f/a.onnx", MatMul());
        _folder.Write("f/b.onnx", MatMul());
        _folder.Write("f/readme", [1]);
        ModelPacker.Pack(_folder["f"], _folder["f.mpk"]);

        Assert.EndsWith("there are 2 ONNX files; name one: a.onnx, b.onnx", Refusal(() => PackedOnnxModel.CreateSession(_folder["f.mpk"])), StringComparison.Ordinal);
        Assert.EndsWith("there is no file 'c.onnx'", Refusal(() => PackedOnnxModel.CreateSession(_folder["f.mpk"], file: "c.onnx")), StringComparison.Ordinal);
        Assert.EndsWith("'readme' was not packed as an ONNX file", Refusal(() => PackedOnnxModel.CreateSession(_folder["f.mpk"], file: "readme")), StringComparison.Ordinal);
        using PackedOnnxSession session = PackedOnnxModel.CreateSession(_folder["f.mpk"], file: "b.onnx");
        Assert.Equal(ThirdRow(), Run(session));
    }

    [Fact]
    public void Damaged_container_is_refused_before_there_is_a_session()
    {
        string packed = Pack("m.onnx", MatMul());
        byte[] bytes = File.ReadAllBytes(packed);
        bytes[bytes.Length / 3] ^= 1;
        File.WriteAllBytes(packed, bytes);
        Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => PackedOnnxModel.CreateSession(packed)).Error);
    }

    [Fact]
    public void Model_that_the_runtime_refuses_is_its_error() =>
        Assert.Throws<OnnxRuntimeException>(() => PackedOnnxModel.CreateSession(Pack("m.onnx", Model(Graph([Node("NoSuchOperator", ["w"], "y")], [Floats("w", 1000)], [], [])))));

    [Fact]
    public void Cancelling_ends_the_loading()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => PackedOnnxModel.CreateSession(Pack("m.onnx", MatMul()), cancellationToken: cancelled.Token));
    }

    private static byte[] MatMul(TensorProto? weights = null) => Model(Graph(
        [Node("MatMul", ["x", "w"], "y")], [weights ?? Floats("w", 64, 64)], [Value("x", Float, 1, 64)], [Value("y", Float, 1, 64)]));

    private static float[] ThirdRow() => MemoryMarshal.Cast<byte, float>(FloatBytes(64 * 64)).Slice(3 * 64, 64).ToArray();

    /// <summary>Multiplies the unit vector that picks the third row.</summary>
    private static float[] Run(InferenceSession session)
    {
        float[] input = new float[64];
        input[3] = 1;
        using var value = OrtValue.CreateTensorValueFromMemory(input, [1, 64]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [value], ["y"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static string Refusal(Func<object> open)
    {
        ModelPackException exception = Assert.Throws<ModelPackException>(open);
        Assert.Equal(ModelPackError.InvalidRequest, exception.Error);
        return exception.Message;
    }

    private string Pack(string name, byte[] model)
    {
        ModelPacker.Pack(_folder.Write(name, model), _folder[name + ".mpk"], new PackOptions { Overwrite = true });
        return _folder[name + ".mpk"];
    }
}
