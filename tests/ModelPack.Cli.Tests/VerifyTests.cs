using System.Security.Cryptography;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _model = Models.TwoTensors();

    public VerifyTests()
    {
        _folder.Write("m.safetensors", _model);
        Succeed(_folder, "pack", "m.safetensors");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sound_container_is_told_so()
    {
        Assert.Matches(@"^m\.safetensors\.mpk: sound  1 file  131 kB  \d+\.\d\d s\n$", Succeed(_folder, "verify", "m.safetensors.mpk").OutputText);
        Assert.Equal(2, _folder.Names.Length);
    }

    [Fact]
    public void Equal_original_is_told_so()
    {
        Assert.StartsWith(
            "m.safetensors.mpk: sound, equal to m.safetensors  ",
            Succeed(_folder, "verify", "m.safetensors.mpk", "--against", "m.safetensors").OutputText,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Different_original_ends_with_its_own_code_and_the_offset()
    {
        byte[] other = [.. _model];
        other[70000] ^= 0x10;
        _folder.Write("other", other);

        string line = Fail(4, _folder, "verify", "m.safetensors.mpk", "--against", "other");

        Assert.StartsWith("modelpack: other: at offset 70000: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Longer_original_differs_where_the_packed_file_ends()
    {
        _folder.Write("other", [.. _model, 0]);
        string line = Fail(4, _folder, "verify", "m.safetensors.mpk", "--against", "other");
        Assert.StartsWith($"modelpack: other: at offset {_model.Length}: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Difference_is_in_the_json_too()
    {
        byte[] other = [.. _model];
        other[70000] ^= 0x10;
        _folder.Write("other", other);

        CommandResult result = Run(_folder, "verify", "m.safetensors.mpk", "--against", "other", "--json");

        Assert.Equal(4, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        Assert.False(json.RootElement.GetProperty("equal").GetBoolean());
        Assert.Equal(70000, json.RootElement.GetProperty("differences")[0].GetProperty("offset").GetInt64());

        using var alone = JsonDocument.Parse(Succeed(_folder, "verify", "m.safetensors.mpk", "--json").Output);
        Assert.Equal(JsonValueKind.Null, alone.RootElement.GetProperty("equal").ValueKind);
    }

    [Fact]
    public void Expected_hash_is_checked()
    {
        string hash = Convert.ToHexString(SHA256.HashData(_model));
        Assert.Contains(", SHA-256 as expected  ", Succeed(_folder, "verify", "m.safetensors.mpk", "--expect-sha256", hash).OutputText, StringComparison.Ordinal);

        string line = Fail(4, _folder, "verify", "m.safetensors.mpk", "--expect-sha256", Convert.ToHexString(SHA256.HashData([])));
        Assert.Contains($"SHA-256 is {hash.ToLowerInvariant()}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("g000000000000000000000000000000000000000000000000000000000000000")]
    public void Malformed_hash_is_wrong_usage(string hash) => Fail(2, _folder, "verify", "m.safetensors.mpk", "--expect-sha256", hash);

    [Fact]
    public void Missing_original_is_an_input_output_error() =>
        Assert.Equal("modelpack: nowhere: no such file", Fail(5, _folder, "verify", "m.safetensors.mpk", "--against", "nowhere"));

    [Fact]
    public void Folders_are_compared_file_by_file()
    {
        _folder.Write("F/a.bin", [1, 2, 3]);
        _folder.Write("F/b.bin", [4]);
        Succeed(_folder, "pack", "F");
        File.Delete(_folder["F/b.bin"]);
        _folder.Write("F/a.bin", [1, 2, 4]);
        _folder.Write("F/c.bin", []);

        CommandResult result = Run(_folder, "verify", "F.mpk", "--against", "F");

        Assert.Equal(4, result.ExitCode);
        string[] lines = result.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains(lines, static line => line.Contains("a.bin: at offset 2: ", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("b.bin: ", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("c.bin: ", StringComparison.Ordinal));
    }
}
