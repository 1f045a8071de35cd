using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class DamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DamageTests()
    {
        _folder.Write("F/a.safetensors", Models.Safetensors(("w", "BF16", [512, 512], Models.BFloat16Weights(512 * 512, 4)), ("v", "BF16", [512, 256], Models.BFloat16Weights(512 * 256, 5))));
        _folder.Write("F/b.json", "{\"a\": 1}"u8.ToArray());
        _folder.Write("F/c.bin", Models.Noise(300_000, 6));
        Succeed(_folder, "pack", "F");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verify_lists_all_damage_and_names_tensors_and_bytes()
    {
        byte[] packed = _folder.Read("F.mpk");
        packed[100_000] ^= 1;
        packed[^200_000] ^= 1;
        _folder.Write("F.mpk", packed);

        CommandResult result = Run(_folder, "verify", "F.mpk");

        Assert.Equal(3, result.ExitCode);
        Assert.Matches(@"^modelpack: F\.mpk: at offset \d+: [^\n]+\n$", result.Error);
        Assert.Matches(@"\n  a\.safetensors: block \d+, bytes \d+-\d+, tensors? [wv][^\n]*: F\.mpk: at offset \d+: ", result.OutputText);
        Assert.Matches(@"\n  c\.bin: block \d+, bytes \d+-\d+: F\.mpk: at offset \d+: ", result.OutputText);
        Assert.Contains("\n3 files, 1 complete; ", result.OutputText, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(Run(_folder, "verify", "F.mpk", "--json").Output);
        Assert.Equal(2, json.RootElement.GetProperty("damage_count").GetInt32());
        Assert.Equal(["a.safetensors", "c.bin"], json.RootElement.GetProperty("damages").EnumerateArray().Select(static damage => damage.GetProperty("file").GetString()));
        Assert.Empty(Run(_folder, "verify", "F.mpk", "--quiet").Output);
    }

    [Fact]
    public void One_damage_is_mended_by_fetching_its_bytes_again()
    {
        byte[] sound = _folder.Read("F.mpk");
        byte[] packed = [.. sound];
        packed[100_000] ^= 1;
        _folder.Write("F.mpk", packed);
        string output = Run(_folder, "verify", "F.mpk").OutputText;
        System.Text.RegularExpressions.Match range = System.Text.RegularExpressions.Regex.Match(output, @"repair: fetch F\.mpk again, or its bytes (\d+)-(\d+) alone; unpack --keep-going");
        Assert.True(range.Success, output);

        int from = int.Parse(range.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        int to = int.Parse(range.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
        sound.AsSpan(from, to + 1 - from).CopyTo(packed.AsSpan(from));
        _folder.Write("F.mpk", packed);
        Succeed(_folder, "verify", "F.mpk", "--against", "F");
    }

    [Fact]
    public void Unpack_names_what_is_lost_and_restores_the_rest_when_asked()
    {
        byte[] packed = _folder.Read("F.mpk");
        packed[100_000] ^= 1;
        _folder.Write("F.mpk", packed);

        Assert.Matches(@"; lost is block \d+ of 'a\.safetensors', its bytes \d+-\d+ \(tensors .+\); verify lists all that is lost", Fail(3, _folder, "unpack", "F.mpk", "-o", "back"));
        CommandResult result = Run(_folder, "unpack", "F.mpk", "-o", "back", "--keep-going");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("\nrestored a.safetensors.damaged\nrestored b.json\nrestored c.bin\n", result.OutputText, StringComparison.Ordinal);
        Assert.Equal(["a.safetensors.damaged", "b.json", "c.bin"], Directory.GetFiles(_folder["back"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(_folder.Read("F/c.bin"), _folder.Read("back/c.bin"));
    }

    [Fact]
    public void Sound_container_is_unpacked_as_always_with_keep_going()
    {
        Assert.StartsWith("F.mpk → back  3 files", Succeed(_folder, "unpack", "F.mpk", "-o", "back", "--keep-going").OutputText, StringComparison.Ordinal);
        Succeed(_folder, "verify", "F.mpk", "--against", "back");
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("list")]
    public void Download_that_was_cut_says_what_is_there(string verb)
    {
        byte[] packed = _folder.Read("F.mpk");
        _folder.Write("cut.mpk", packed[..^150_000]);

        CommandResult result = Run(_folder, verb, "cut.mpk");

        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("cut.mpk: incomplete: ", result.OutputText, StringComparison.Ordinal);
        Assert.Matches(@"\n  c\.bin: \d+ k?B of 300 kB sound\n3 files known, 2 complete; at least \d+ kB of [\d.]+ MB lost or missing\n", result.OutputText);
        Assert.Contains($"repair: go on fetching cut.mpk from byte {packed.Length - 150_000}; unpack --keep-going", result.OutputText, StringComparison.Ordinal);
        Assert.Contains($"; {packed.Length - 150_000} bytes are there, with 2 whole files, ", Fail(3, _folder, "unpack", "cut.mpk", "-o", "x"), StringComparison.Ordinal);
    }
}
