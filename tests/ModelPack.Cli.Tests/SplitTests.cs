using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class SplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _model = Models.Safetensors(("w", "BF16", [512, 512], Models.BFloat16Weights(512 * 512, 4)));

    public SplitTests() => _folder.Write("m.safetensors", _model);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parts_are_written_read_as_one_and_joined_to_the_same_container()
    {
        string summary = Succeed(_folder, "pack", "m.safetensors", "--split", "100KB", "--no-times").OutputText;
        Succeed(_folder, "pack", "m.safetensors", "-o", "whole.mpk", "--no-times");

        Assert.Matches(@"  4 parts  \d+\.\d\d s\n$", summary);
        Assert.Equal(["m.safetensors", "m.safetensors.mpk", .. Enumerable.Range(1, 4).Select(static n => $"m.safetensors.mpk.00{n}"), "whole.mpk"], _folder.Names);
        Assert.Equal(_folder.Read("whole.mpk"), Enumerable.Range(1, 4).SelectMany(n => _folder.Read($"m.safetensors.mpk.00{n}")));
        File.Delete(_folder["m.safetensors"]);
        Assert.StartsWith("m.safetensors.mpk.001 → m.safetensors  ", Succeed(_folder, "unpack", "m.safetensors.mpk.001").OutputText, StringComparison.Ordinal);
        Assert.Equal(_model, _folder.Read("m.safetensors"));
        Assert.Contains("sound, equal to m.safetensors", Succeed(_folder, "verify", "m.safetensors.mpk", "--against", "m.safetensors").OutputText, StringComparison.Ordinal);
        Assert.Contains("512×512", Succeed(_folder, "list", "m.safetensors.mpk").OutputText, StringComparison.Ordinal);
        Succeed(_folder, "unpack", "m.safetensors.mpk.002", "--tensor", "w", "-o", "w");
        Assert.Equal(_model[^(512 * 512 * 2)..], _folder.Read("w"));

        // The list is lost: the first part, or the name that the container would have, is enough.
        File.Delete(_folder["m.safetensors.mpk"]);
        Succeed(_folder, "verify", "m.safetensors.mpk.001", "--against", "m.safetensors");
        Succeed(_folder, "unpack", "m.safetensors.mpk", "--force");
    }

    [UnixFact]
    public void Its_list_is_one_that_sha256sum_checks()
    {
        Succeed(_folder, "pack", "m.safetensors", "--split", "100000");
        CommandResult result = RunShell(_folder, "sha256sum -c m.safetensors.mpk");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(4, result.OutputText.Split(": OK\n").Length - 1);
    }

    [Fact]
    public void Json_counts_them()
    {
        using var json = JsonDocument.Parse(Succeed(_folder, "pack", "m.safetensors", "--split", "0.1MB", "--json").Output);
        Assert.Equal(4, json.RootElement.GetProperty("parts").GetInt32());
    }

    [Fact]
    public void Existing_parts_are_refused_and_replaced_with_force()
    {
        Succeed(_folder, "pack", "m.safetensors", "--split", "70KB");
        Assert.StartsWith("modelpack: ", Fail(2, _folder, "pack", "m.safetensors", "--split", "300KB"), StringComparison.Ordinal);
        Succeed(_folder, "pack", "m.safetensors", "--split", "300KB", "--force");
        Assert.Equal(["m.safetensors", "m.safetensors.mpk", "m.safetensors.mpk.001", "m.safetensors.mpk.002"], _folder.Names);
        Succeed(_folder, "pack", "m.safetensors", "--force");
        Assert.Equal(["m.safetensors", "m.safetensors.mpk"], _folder.Names);
    }

    [Fact]
    public void Missing_part_is_named_with_what_it_costs()
    {
        Succeed(_folder, "pack", "m.safetensors", "--split", "100KB", "--no-times");
        File.Delete(_folder["m.safetensors.mpk.002"]);

        Assert.Matches(@"^modelpack: m\.safetensors\.mpk\.002: is missing: part 2 of 4 of the container", Fail(3, _folder, "unpack", "m.safetensors.mpk", "-o", "x"));
        CommandResult result = Run(_folder, "verify", "m.safetensors.mpk");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("tensor w", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("repair: fetch again m.safetensors.mpk.002; unpack --keep-going", result.OutputText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--split")]
    [InlineData("--split", "65535")]
    [InlineData("--split", "0")]
    [InlineData("--split", "2")]
    [InlineData("--split", "2G")]
    [InlineData("--split", "-2GB")]
    [InlineData("--split", "2.00001KB")]
    [InlineData("--split", "many")]
    [InlineData("--split", "9999999999TB")]
    [InlineData("--split", "2GB", "-o", "-")]
    [InlineData("--resume", "-o", "-")]
    public void Wrong_sizes_and_targets_are_one_line(params string[] options)
    {
        Fail(2, _folder, ["pack", "m.safetensors", .. options]);
        Assert.Equal(["m.safetensors"], _folder.Names);
    }

    [Theory]
    [InlineData("65536", 65536)]
    [InlineData("70000B", 70000)]
    [InlineData("500kB", 500_000)]
    [InlineData("500KB", 500_000)]
    [InlineData("1.5 MB", 1_500_000)]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("2GiB", 1L << 31)]
    [InlineData("0.5TiB", 1L << 39)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes)
    {
        Assert.True(SizeOption.TryParse(text, out long size));
        Assert.Equal(bytes, size);
    }
}
