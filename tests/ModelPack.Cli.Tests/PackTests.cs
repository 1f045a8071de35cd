using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class PackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_is_packed_beside_itself_and_restored_beside_its_container()
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        string summary = Succeed(_folder, "pack", "model.safetensors").OutputText;

        Assert.StartsWith("model.safetensors → model.safetensors.mpk  131 kB → ", summary, StringComparison.Ordinal);
        Assert.Matches(@"^[^\n]* ratio 0\.\d{3} \(\d\d\.\d % saved\)  \d+\.\d\d s\n$", summary);
        Assert.Equal(["model.safetensors", "model.safetensors.mpk"], _folder.Names);
        Assert.Equal(model, _folder.Read("model.safetensors"));

        File.Delete(_folder["model.safetensors"]);
        summary = Succeed(_folder, "unpack", "model.safetensors.mpk").OutputText;
        Assert.StartsWith("model.safetensors.mpk → model.safetensors  ", summary, StringComparison.Ordinal);
        Assert.Equal(model, _folder.Read("model.safetensors"));
    }

    [Theory]
    [InlineData("Llama")]
    [InlineData("Llama/")]
    public void Folder_is_packed_beside_itself_and_restored_whole(string source)
    {
        _folder.Write("Llama/model.safetensors", Models.TwoTensors());
        _folder.Write("Llama/config.json", "{}"u8.ToArray());
        _folder.Write("Llama/onnx/empty.bin", []);

        string summary = Succeed(_folder, "pack", source).OutputText;

        Assert.Contains("→ Llama.mpk  3 files  ", summary, StringComparison.Ordinal);
        Directory.Move(_folder["Llama"], _folder["original"]);
        Succeed(_folder, "unpack", "Llama.mpk");
        Assert.Equal(Models.TwoTensors(), _folder.Read("Llama/model.safetensors"));
        Assert.Equal("{}"u8.ToArray(), _folder.Read("Llama/config.json"));
        Assert.Empty(_folder.Read("Llama/onnx/empty.bin"));
        Succeed(_folder, "verify", "Llama.mpk", "--against", "original");
    }

    [Fact]
    public void Existing_target_is_refused_and_replaced_only_with_force()
    {
        _folder.Write("model.safetensors", Models.TwoTensors());
        _folder.Write("model.safetensors.mpk", [1, 2, 3]);

        string line = Fail(2, _folder, "pack", "model.safetensors");

        Assert.StartsWith("modelpack: model.safetensors.mpk: exists already", line, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], _folder.Read("model.safetensors.mpk"));
        Succeed(_folder, "pack", "model.safetensors", "--force");
        Succeed(_folder, "verify", "model.safetensors.mpk", "--against", "model.safetensors");
        Assert.Equal(2, _folder.Names.Length);
    }

    [Fact]
    public void Target_that_is_the_source_is_refused_even_with_force()
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        string line = Fail(2, _folder, "pack", "model.safetensors", "-o", "./model.safetensors", "--force");

        Assert.Equal("modelpack: ./model.safetensors: is both source and target", line);
        Assert.Equal(model, _folder.Read("model.safetensors"));
    }

    [UnixFact]
    public void Target_that_is_a_link_to_the_source_is_refused()
    {
        _folder.Write("model.safetensors", Models.TwoTensors());
        File.CreateSymbolicLink(_folder["link"], "model.safetensors");

        Assert.Contains("is both source and target", Fail(2, _folder, "pack", "model.safetensors", "-o", "link", "--force"), StringComparison.Ordinal);
    }

    [Fact]
    public void Target_inside_the_source_folder_is_refused()
    {
        _folder.Write("Llama/config.json", "{}"u8.ToArray());

        Assert.Contains("lies inside the folder Llama", Fail(2, _folder, "pack", "Llama", "-o", "Llama/x.mpk"), StringComparison.Ordinal);
        Assert.Equal(["config.json"], Directory.GetFiles(_folder["Llama"]).Select(Path.GetFileName));
    }

    [Fact]
    public void Folder_that_holds_the_container_or_the_current_folder_is_never_replaced()
    {
        _folder.Write("F/a.bin", [1]);
        Succeed(_folder, "pack", "F");
        _folder.Write("inner/F.mpk", _folder.Read("F.mpk"));

        Assert.Contains("cannot be replaced", Fail(2, _folder, "unpack", "F.mpk", "-o", ".", "--force"), StringComparison.Ordinal);
        Assert.Contains("cannot be replaced", Fail(2, _folder, "unpack", "inner/F.mpk", "-o", "inner", "--force"), StringComparison.Ordinal);
        Succeed(_folder, "unpack", "inner/F.mpk", "-o", "F", "--force");
        Assert.Equal(["F", "F.mpk", "inner"], _folder.Names);
    }

    [Theory]
    [InlineData("--level", "fast")]
    [InlineData("--level", "max")]
    [InlineData("--threads", "1")]
    [InlineData("--coder", "stored")]
    [InlineData("--coder", "constant")]
    [InlineData("--coder", "huffman")]
    [InlineData("--coder", "lzw")]
    [InlineData("--coder", "lane-ans")]
    [InlineData("--coder", "context-ans")]
    public void Every_choice_restores_the_same_bytes(string option, string value)
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        Succeed(_folder, "pack", "model.safetensors", "-o", "x.mpk", option, value);

        Succeed(_folder, "unpack", "x.mpk", "-o", "restored");
        Assert.Equal(model, _folder.Read("restored"));
    }

    [Fact]
    public void Each_level_is_what_the_library_does_at_that_level_and_none_means_default()
    {
        // Whole weights that repeat earlier ones, which the level fast does not look for.
        var random = new Random(7);
        float[] values = [.. Enumerable.Range(0, 300).Select(_ => random.NextSingle())];
        byte[] model = Models.Safetensors(
            ("w", "F32", [128, 128], [.. Enumerable.Range(0, 128 * 128).SelectMany(_ => BitConverter.GetBytes(values[random.Next(values.Length)]))]));
        _folder.Write("m.safetensors", model);
        foreach ((string[] option, PackLevel level) in new[] { (Array.Empty<string>(), PackLevel.Default), (["--level", "default"], PackLevel.Default), (["--level", "fast"], PackLevel.Fast), (["--level", "max"], PackLevel.Max) })
        {
            Succeed(_folder, ["pack", "m.safetensors", "-o", "x.mpk", "--force", "--no-times", .. option]);
            using var expected = new MemoryStream();
            ModelPacker.Pack(model, "m.safetensors", expected, new PackOptions { Level = level });
            Assert.Equal(expected.ToArray(), _folder.Read("x.mpk"));
        }

        Assert.NotEqual(Length("--level", "fast"), Length("--level", "default"));

        int Length(params string[] option)
        {
            Succeed(_folder, ["pack", "m.safetensors", "-o", "x.mpk", "--force", .. option]);
            return _folder.Read("x.mpk").Length;
        }
    }

    [Fact]
    public void Forced_coder_is_used()
    {
        _folder.Write("model.safetensors", Models.TwoTensors());
        Succeed(_folder, "pack", "model.safetensors", "--coder", "stored");
        Assert.True(_folder.Read("model.safetensors.mpk").Length > Models.TwoTensors().Length);
    }

    [Fact]
    public void Json_tells_what_was_packed()
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        using var json = JsonDocument.Parse(Succeed(_folder, "pack", "model.safetensors", "--json", "--sha256").Output);

        JsonElement root = json.RootElement;
        Assert.Equal("model.safetensors", root.GetProperty("source").GetString());
        Assert.Equal("model.safetensors.mpk", root.GetProperty("target").GetString());
        Assert.Equal(model.Length, root.GetProperty("original_bytes").GetInt64());
        long packed = new FileInfo(_folder["model.safetensors.mpk"]).Length;
        Assert.Equal(packed, root.GetProperty("packed_bytes").GetInt64());
        Assert.Equal((double)packed / model.Length, root.GetProperty("ratio").GetDouble(), 12);
        JsonElement file = Assert.Single(root.GetProperty("files").EnumerateArray());
        Assert.Equal("safetensors", file.GetProperty("format").GetString());
        Assert.Equal(2, file.GetProperty("tensors").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(model)), file.GetProperty("sha256").GetString());
        Assert.Empty(root.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public void Model_that_cannot_be_parsed_is_packed_with_a_warning_or_refused_when_strict()
    {
        byte[] broken = [255, 255, 255, 0, 0, 0, 0, 0, (byte)'{'];
        _folder.Write("broken.safetensors", broken);

        CommandResult result = Run(_folder, "pack", "broken.safetensors");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^modelpack: warning: broken\.safetensors: [^\n]+; packed as opaque bytes\n$", result.Error);
        Succeed(_folder, "verify", "broken.safetensors.mpk", "--against", "broken.safetensors");

        File.Delete(_folder["broken.safetensors.mpk"]);
        string line = Fail(3, _folder, "pack", "broken.safetensors", "--strict");
        Assert.StartsWith("modelpack: broken.safetensors: ", line, StringComparison.Ordinal);
        Assert.Equal(["broken.safetensors"], _folder.Names);
    }

    [Fact]
    public void Quiet_says_nothing_not_even_a_warning()
    {
        _folder.Write("broken.safetensors", [255, 255, 255, 0, 0, 0, 0, 0, (byte)'{']);

        CommandResult result = Succeed(_folder, "pack", "broken.safetensors", "--quiet");

        Assert.Empty(result.Output);
        Assert.Empty(Succeed(_folder, "verify", "broken.safetensors.mpk", "-q").Output);
        Assert.Empty(Succeed(_folder, "list", "broken.safetensors.mpk", "-q").Output);
        Assert.Empty(Succeed(_folder, "unpack", "broken.safetensors.mpk", "-q", "-f").Output);
    }
}
