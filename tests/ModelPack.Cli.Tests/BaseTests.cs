using System.Security.Cryptography;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

/// <summary><c>--base</c> of each verb.</summary>
public sealed class BaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _base = Models.TwoTensors();
    private readonly byte[] _tuned = Models.TwoTensors();

    public BaseTests()
    {
        for (int i = _tuned.Length - 20; i > 1000; i -= 26)
        {
            _tuned[i] ^= 1;
        }

        _folder.Write("base.safetensors", _base);
        _folder.Write("tuned.safetensors", _tuned);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_difference_is_packed_verified_and_unpacked()
    {
        string text = Succeed(_folder, "pack", "tuned.safetensors", "--base", "base.safetensors").OutputText;
        Assert.Matches(@"^tuned\.safetensors → tuned\.safetensors\.mpk  131 kB → \S+ k?B  ratio 0\.[012]\d\d .*  base base\.safetensors  ", text);

        text = Succeed(_folder, "verify", "tuned.safetensors.mpk", "--base", "base.safetensors", "--against", "tuned.safetensors").OutputText;
        Assert.StartsWith("tuned.safetensors.mpk: sound, equal to tuned.safetensors  ", text, StringComparison.Ordinal);
        Succeed(_folder, "unpack", "tuned.safetensors.mpk", "--base", "base.safetensors", "-o", "back");
        Assert.Equal(_tuned, File.ReadAllBytes(_folder["back"]));
        Assert.Equal(_tuned, Succeed(_folder, "unpack", "tuned.safetensors.mpk", "--base", "base.safetensors", "-o", "-").Output);
        Succeed(_folder, "unpack", "tuned.safetensors.mpk", "--base", "base.safetensors", "--tensor", "layer.0/weight", "-o", "weight");
        Assert.Equal(131072, new FileInfo(_folder["weight"]).Length);
    }

    [Fact]
    public void Without_its_base_it_says_which_is_needed()
    {
        Succeed(_folder, "pack", "tuned.safetensors", "--base", "base.safetensors");
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(_base));
        string needed = $"'base.safetensors', file 'base.safetensors' of {_base.Length} bytes with SHA-256 {sha256}";

        Assert.Equal(
            $"modelpack: tuned.safetensors.mpk: was packed as a difference to a base, which is needed (--base): {needed}",
            Fail(2, _folder, "unpack", "tuned.safetensors.mpk", "-o", "back"));
        Assert.EndsWith($"needed is {needed}", Fail(2, _folder, "unpack", "tuned.safetensors.mpk", "-o", "back", "--base", "tuned.safetensors"), StringComparison.Ordinal);
        Assert.Contains(sha256, Fail(2, _folder, "verify", "tuned.safetensors.mpk"), StringComparison.Ordinal);
        Assert.Contains(sha256, Fail(2, _folder, "unpack", "tuned.safetensors.mpk", "--tensor", "layer.0/weight", "-o", "back"), StringComparison.Ordinal);
        Assert.Contains("no such file", Fail(5, _folder, "unpack", "tuned.safetensors.mpk", "-o", "back", "--base", "none"), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["back"]));
    }

    [Fact]
    public void List_shows_the_base_and_what_came_from_it()
    {
        Succeed(_folder, "pack", "tuned.safetensors", "--base", "base.safetensors");
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(_base));

        string text = Succeed(_folder, "list", "tuned.safetensors.mpk").OutputText;
        Assert.StartsWith($"base base.safetensors  base.safetensors  131 kB  SHA-256 {sha256}\n", text, StringComparison.Ordinal);
        Assert.Matches(@"\nlayer\.0/weight +BF16 .*  difference\n", text);
        using var json = JsonDocument.Parse(Succeed(_folder, "list", "tuned.safetensors.mpk", "--json").Output);
        JsonElement file = Assert.Single(json.RootElement.GetProperty("base").GetProperty("files").EnumerateArray());
        Assert.Equal("base.safetensors", file.GetProperty("path").GetString());
        Assert.Equal(_base.Length, file.GetProperty("bytes").GetInt64());
        Assert.Equal(sha256, file.GetProperty("sha256").GetString());
        Assert.Equal(131072, json.RootElement.GetProperty("files")[0].GetProperty("tensors")[0].GetProperty("base_bytes").GetInt64());
    }

    [Fact]
    public void A_base_that_cannot_be_one_is_refused()
    {
        Assert.Contains("--base", Fail(2, _folder, "pack", "tuned.safetensors", "--base", "-"), StringComparison.Ordinal);
        Assert.Contains("BASE is empty", Fail(2, _folder, "pack", "tuned.safetensors", "--base", ""), StringComparison.Ordinal);
        Assert.Contains("both source and target", Fail(2, _folder, "pack", "tuned.safetensors", "--base", "base.safetensors", "-o", "base.safetensors", "--force"), StringComparison.Ordinal);
        Assert.Contains("no such file", Fail(5, _folder, "pack", "tuned.safetensors", "--base", "none"), StringComparison.Ordinal);
        Assert.Equal(_base, File.ReadAllBytes(_folder["base.safetensors"]));
    }

    [Fact]
    public void Json_names_the_base()
    {
        using var with = JsonDocument.Parse(Succeed(_folder, "pack", "tuned.safetensors", "--base", "base.safetensors", "--json").Output);
        Assert.Equal("base.safetensors", with.RootElement.GetProperty("base").GetProperty("name").GetString());
        using var without = JsonDocument.Parse(Succeed(_folder, "pack", "base.safetensors", "--json").Output);
        Assert.Equal(JsonValueKind.Null, without.RootElement.GetProperty("base").ValueKind);
    }
}
