using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class OnnxRuntimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OnnxRuntimeTests()
    {
        _folder.Write("m.onnx", File.ReadAllBytes(Path.Combine(Published.TestModels, "mlp_f32.onnx")));
        Succeed(_folder, "pack", "m.onnx");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Equal_outputs_are_told_so()
    {
        Assert.Contains(
            ": sound, equal to m.onnx, equal in ONNX Runtime (1 output, ",
            Succeed(_folder, "verify", "m.onnx.mpk", "--onnxruntime", "--against", "m.onnx").OutputText,
            StringComparison.Ordinal);
        Assert.Contains(": sound, equal in ONNX Runtime (1 output, ", Succeed(_folder, "verify", "m.onnx.mpk", "--onnxruntime").OutputText, StringComparison.Ordinal);
        Assert.Equal(2, _folder.Names.Length);
    }

    [Fact]
    public void Other_outputs_end_with_their_own_code_and_name_the_element()
    {
        byte[] other = _folder.Read("m.onnx");
        int bias = other.AsSpan().LastIndexOf("b2"u8) - 20;
        other[bias] ^= 0x10;
        _folder.Write("other.onnx", other);

        CommandResult result = Run(_folder, "verify", "m.onnx.mpk", "--onnxruntime", "--against", "other.onnx");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("output 'y' element ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_compared_is_not_supported()
    {
        byte[] strange = _folder.Read("m.onnx");
        "Relo"u8.CopyTo(strange.AsSpan(strange.AsSpan().IndexOf("\u0022\u0004Relu"u8) + 2));
        _folder.Write("strange.onnx", strange);
        Succeed(_folder, "pack", "strange.onnx");
        Assert.Contains("cannot be compared in ONNX Runtime: ONNX Runtime does not take the original: ", Fail(3, _folder, "verify", "strange.onnx.mpk", "--onnxruntime"), StringComparison.Ordinal);
    }

    [Fact]
    public void Container_without_an_onnx_file_and_standard_input_are_wrong_usage()
    {
        _folder.Write("x.bin", [1, 2, 3]);
        Succeed(_folder, "pack", "x.bin");
        Assert.EndsWith("there is no ONNX file", Fail(2, _folder, "verify", "x.bin.mpk", "--onnxruntime"), StringComparison.Ordinal);
        Fail(2, _folder, "verify", "-", "--onnxruntime");
    }

    [Fact]
    public void Runs_are_in_the_json()
    {
        using var json = JsonDocument.Parse(Succeed(_folder, "verify", "m.onnx.mpk", "--onnxruntime", "--json").Output);
        JsonElement model = Assert.Single(json.RootElement.GetProperty("onnx_runtime").EnumerateArray());
        Assert.True(model.GetProperty("equal").GetBoolean());
        Assert.Equal("x", model.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("y", Assert.Single(model.GetProperty("outputs").EnumerateArray()).GetString());

        using var without = JsonDocument.Parse(Succeed(_folder, "verify", "m.onnx.mpk", "--json").Output);
        Assert.Equal(JsonValueKind.Null, without.RootElement.GetProperty("onnx_runtime").ValueKind);
    }
}
