using System.Text;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class TensorTests : IDisposable
{
    private static readonly byte[] Ids = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0];

    private readonly TemporaryFolder _folder = new();

    public TensorTests()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        Succeed(_folder, "pack", "m.safetensors");
        File.Delete(_folder["m.safetensors"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_tensor_is_written_under_its_name_made_safe()
    {
        string summary = Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "layer.0/weight").OutputText;

        Assert.Equal("layer.0/weight → layer.0_weight.bin  BF16 256×256  131 kB\n", summary);
        Assert.Equal(Models.BFloat16Weights(65536, 1), _folder.Read("layer.0_weight.bin"));
    }

    [Fact]
    public void One_tensor_is_written_as_safetensors()
    {
        Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "ids", "--as", "safetensors");

        byte[] file = _folder.Read("ids.safetensors");
        int headerLength = (int)BitConverter.ToUInt64(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        JsonElement ids = header.RootElement.GetProperty("ids");
        Assert.Equal("I32", ids.GetProperty("dtype").GetString());
        Assert.Equal([4], ids.GetProperty("shape").EnumerateArray().Select(static d => d.GetInt32()));
        Assert.Equal([0, 16], ids.GetProperty("data_offsets").EnumerateArray().Select(static d => d.GetInt32()));
        Assert.Equal(Ids, file[(8 + headerLength)..]);
    }

    [Fact]
    public void One_tensor_goes_to_standard_output()
    {
        CommandResult result = Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "ids", "-o", "-");
        Assert.Equal(Ids, result.Output);
    }

    [Fact]
    public void Several_tensors_go_to_a_folder()
    {
        CommandResult result = Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "ids", "--tensor", "layer.0/weight", "-o", "out", "--json");

        Assert.Equal(Ids, _folder.Read("out/ids.bin"));
        Assert.Equal(Models.BFloat16Weights(65536, 1), _folder.Read("out/layer.0_weight.bin"));
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(["ids", "layer.0/weight"], json.RootElement.GetProperty("tensors").EnumerateArray().Select(static t => t.GetProperty("name").GetString()));

        Assert.Contains("exists already", Fail(2, _folder, "unpack", "m.safetensors.mpk", "--tensor", "ids", "--tensor", "layer.0/weight", "-o", "out"), StringComparison.Ordinal);
        Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "ids", "--tensor", "layer.0/weight", "-o", "out", "--force");
        Assert.Equal(["m.safetensors.mpk", "out"], _folder.Names);
    }

    [Theory]
    [InlineData("--tensor", "ids", "--tensor", "layer.0/weight")]
    [InlineData("--tensor", "ids", "--tensor", "layer.0/weight", "-o", "-")]
    [InlineData("--as", "raw")]
    [InlineData("--tensor", "ids", "--as", "numpy")]
    [InlineData("--tensor", "ids", "-o", "m.safetensors.mpk", "--force")]
    public void What_cannot_be_done_is_wrong_usage(params string[] arguments)
    {
        byte[] before = _folder.Read("m.safetensors.mpk");
        Fail(2, _folder, ["unpack", "m.safetensors.mpk", .. arguments]);
        Assert.Equal(["m.safetensors.mpk"], _folder.Names);
        Assert.Equal(before, _folder.Read("m.safetensors.mpk"));
    }

    [Fact]
    public void Unknown_tensor_is_wrong_usage()
    {
        string line = Fail(2, _folder, "unpack", "m.safetensors.mpk", "--tensor", "layer.1/weight");
        Assert.Equal("modelpack: m.safetensors.mpk: there is no tensor 'layer.1/weight'", line);
    }

    [Fact]
    public void Existing_file_is_refused_without_force()
    {
        _folder.Write("ids.bin", [9]);
        Fail(2, _folder, "unpack", "m.safetensors.mpk", "--tensor", "ids");
        Assert.Equal([9], _folder.Read("ids.bin"));
    }

    [Fact]
    public void Varints_are_written_as_fixed_width_elements()
    {
        _folder.Write("m.onnx", Models.OnnxWithVarints());
        Succeed(_folder, "pack", "m.onnx");

        byte[] expected =
        [
            0x2C, 0x01, 0, 0, 0, 0, 0, 0,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            5, 0, 0, 0, 0, 0, 0, 0,
        ];
        Assert.Equal(expected, Succeed(_folder, "unpack", "m.onnx.mpk", "--tensor", "shape", "-o", "-").Output);

        byte[] file = Succeed(_folder, "unpack", "m.onnx.mpk", "--tensor", "shape", "--as", "safetensors", "-o", "-").Output;
        int headerLength = (int)BitConverter.ToUInt64(file);
        Assert.Equal(expected, file[(8 + headerLength)..]);
        Assert.Contains("\"I64\"", Encoding.UTF8.GetString(file, 8, headerLength), StringComparison.Ordinal);
    }
}
