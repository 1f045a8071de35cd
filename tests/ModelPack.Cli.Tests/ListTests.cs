using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class ListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Table_has_a_line_for_each_tensor()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        Succeed(_folder, "pack", "m.safetensors");

        string[] lines = Succeed(_folder, "list", "m.safetensors.mpk").OutputText.Split('\n');

        Assert.StartsWith("m.safetensors  safetensors  2 tensors  131 kB → ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^tensor +dtype  shape +bytes +packed  ratio  coder$", lines[1]);
        Assert.Matches(@"^layer\.0/weight  BF16   256×256  131 kB +\d\d\.\d kB  0\.\d{3}  exponent:\S+ sign-mantissa:\S+$", lines[2]);
        Assert.Matches(@"^ids             I32    4 +16 B +\d+ B  \d+\.\d{3}  \S.*$", lines[3]);
    }

    [Fact]
    public void Planes_with_the_same_coder_are_named_together()
    {
        // Forty 64-bit numbers below 256 that never repeat: one plane of noise, seven of zeros.
        byte[] numbers = [.. Enumerable.Range(0, 40).SelectMany(static i => new byte[] { (byte)(i * 37), 0, 0, 0, 0, 0, 0, 0 })];
        _folder.Write("m.safetensors", Models.Safetensors(("zeros", "F32", [500], new byte[2000]), ("ids", "I64", [40], numbers)));
        Succeed(_folder, "pack", "m.safetensors");

        string text = Succeed(_folder, "list", "m.safetensors.mpk").OutputText;

        Assert.Matches("\nzeros .*  constant\n", text);
        Assert.Matches("\nids .*  byte-0:[a-z]+ byte-1…byte-7:constant\n", text);
    }

    [Fact]
    public void What_the_container_has_elsewhere_is_marked()
    {
        byte[] weights = Models.BFloat16Weights(65536, 1);
        _folder.Write("m.safetensors", Models.Safetensors(("embed", "BF16", [256, 256], weights), ("head", "BF16", [256, 256], weights)));
        Succeed(_folder, "pack", "m.safetensors");

        Assert.Matches(@"
head +BF16   256×256  131 kB +25 B  0\.000  repeat
", Succeed(_folder, "list", "m.safetensors.mpk").OutputText);
        using var json = JsonDocument.Parse(Succeed(_folder, "list", "m.safetensors.mpk", "--json").Output);
        JsonElement tensors = json.RootElement.GetProperty("files")[0].GetProperty("tensors");
        Assert.Equal([0, 131072], tensors.EnumerateArray().Select(static tensor => tensor.GetProperty("repeated_bytes").GetInt64()));
        Assert.Equal(0, tensors[1].GetProperty("planes").GetArrayLength());

        Assert.Equal(File.ReadAllBytes(_folder["m.safetensors"]), Succeed(_folder, "unpack", "m.safetensors.mpk", "-o", "-").Output);
        Succeed(_folder, "unpack", "m.safetensors.mpk", "--tensor", "head");
        Assert.Equal(weights, File.ReadAllBytes(_folder["head.bin"]));
    }

    [Fact]
    public void Files_of_a_folder_are_grouped_and_summed_up()
    {
        _folder.Write("F/a.safetensors", Models.TwoTensors(seed: 5));
        _folder.Write("F/b.safetensors", Models.TwoTensors(seed: 6));
        _folder.Write("F/config.json", "{}"u8.ToArray());
        Succeed(_folder, "pack", "F");

        string text = Succeed(_folder, "list", "F.mpk").OutputText;

        Assert.Matches(@"(?s)^a\.safetensors  safetensors  2 tensors  .*\nb\.safetensors  safetensors  2 tensors  .*\nconfig\.json  opaque  2 B → .*\nF\.mpk  3 files  262 kB → [^\n]*\n$", text);
    }

    [Fact]
    public void Json_has_all_that_the_index_says()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        Succeed(_folder, "pack", "m.safetensors", "--sha256");

        using var json = JsonDocument.Parse(Succeed(_folder, "list", "m.safetensors.mpk", "--json").Output);

        JsonElement root = json.RootElement;
        Assert.False(root.GetProperty("is_folder").GetBoolean());
        Assert.Equal(new FileInfo(_folder["m.safetensors.mpk"]).Length, root.GetProperty("packed_bytes").GetInt64());
        JsonElement file = Assert.Single(root.GetProperty("files").EnumerateArray());
        Assert.Equal("m.safetensors", file.GetProperty("path").GetString());
        Assert.Equal("safetensors", file.GetProperty("format").GetString());
        Assert.True(file.GetProperty("blocks").GetInt32() >= 2);
        Assert.Matches("^[0-9a-f]{16}$", file.GetProperty("checksum").GetString());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Models.TwoTensors())), file.GetProperty("sha256").GetString());
        JsonElement weight = file.GetProperty("tensors")[0];
        Assert.Equal("layer.0/weight", weight.GetProperty("name").GetString());
        Assert.Equal("BF16", weight.GetProperty("dtype").GetString());
        Assert.Equal("raw", weight.GetProperty("encoding").GetString());
        Assert.Equal([256, 256], weight.GetProperty("shape").EnumerateArray().Select(static d => d.GetInt32()));
        Assert.Equal(131072, weight.GetProperty("original_bytes").GetInt64());
        Assert.InRange(weight.GetProperty("ratio").GetDouble(), 0.5, 0.8);
        Assert.Equal(["exponent", "sign-mantissa"], weight.GetProperty("planes").EnumerateArray().Select(static p => p.GetProperty("name").GetString()));
        Assert.Equal(65536, weight.GetProperty("planes")[1].GetProperty("packed_bytes").GetInt64());
    }

    [Fact]
    public void Name_with_control_characters_is_escaped()
    {
        _folder.Write("m.safetensors", Models.Safetensors((@"a\n\u001b[2Jb", "U8", [1], [7])));
        Succeed(_folder, "pack", "m.safetensors");

        string text = Succeed(_folder, "list", "m.safetensors.mpk").OutputText;

        Assert.Contains(@"a\n\x1B[2Jb  U8", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
        Assert.Equal("modelpack: m.safetensors.mpk: there is no tensor 'x\\x1By'", Fail(2, _folder, "unpack", "m.safetensors.mpk", "--tensor", "x\ey"));
    }
}
