using System.Diagnostics;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tables_show_tensors_and_totals()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());

        string text = Succeed(_folder, "compare", "m.safetensors", "--no-peers").OutputText;

        Assert.Matches(@"^m\.safetensors  1 file  131 kB → \d\d\.\d kB  ratio 0\.\d{3} ", text);
        Assert.Matches(@"\nfast 0\.\d{3}  max 0\.\d{3}  order-0 entropy 0\.\d{3}\n", text);
        Assert.Matches(@"\nlayer\.0/weight  \S+ +BF16   256×256  131 kB +\d\d\.\d kB  0\.\d{3}  0\.\d{3}  0\.\d{3}  0\.\d{3} +[+-]\d\.\d %  ", text);
        Assert.Matches(@"\n\(structure\) ", text);
    }

    [Fact]
    public void Top_and_order_are_chosen()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        string[] quick = ["compare", "m.safetensors", "--no-peers", "--no-coders", "--levels", "none"];

        string one = Succeed(_folder, [.. quick, "--top", "1", "--sort", "name"]).OutputText;
        string all = Succeed(_folder, [.. quick, "--all", "--sort", "name"]).OutputText;

        Assert.Matches(@"\nids [^\n]*\n… and 1 tensor more \(--all\)\n", one);
        Assert.Matches(@"\nids [^\n]*\nlayer\.0/weight ", all);
    }

    [Fact]
    public void Json_has_the_real_size()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        using var packed = JsonDocument.Parse(Succeed(_folder, "pack", "m.safetensors", "--json").Output);
        using var json = JsonDocument.Parse(Succeed(_folder, "compare", "m.safetensors", "--no-peers", "--json").Output);

        JsonElement root = json.RootElement;
        Assert.Equal("modelpack.compare/1", root.GetProperty("schema").GetString());
        Assert.False(root.GetProperty("partial").GetBoolean());
        JsonElement source = root.GetProperty("sources")[0];
        Assert.Equal(packed.RootElement.GetProperty("packed_bytes").GetInt64(), source.GetProperty("packed_bytes").GetProperty("default").GetInt64());
        JsonElement plane = source.GetProperty("tensors")[0].GetProperty("planes")[0];
        Assert.Equal("exponent", plane.GetProperty("name").GetString());
        Assert.InRange(plane.GetProperty("entropy_bits").GetDouble(), 2, 4);
        Assert.Equal(JsonValueKind.Number, source.GetProperty("tensors")[0].GetProperty("values").GetProperty("standard_deviation").ValueKind);
    }

    [Fact]
    public void Reports_are_written_and_never_over_another_file()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());
        _folder.Write("old.html", [1]);

        string text = Succeed(_folder, "compare", "m.safetensors", "--no-peers", "--html", "r.html", "--csv", "r.csv").OutputText;

        Assert.Contains("r.html: written", text, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_folder["r.html"]), StringComparison.Ordinal);
        Assert.StartsWith("source,file,tensor,", File.ReadAllText(_folder["r.csv"]), StringComparison.Ordinal);
        Assert.Contains("old.html: exists already", Fail(2, _folder, "compare", "m.safetensors", "--html", "old.html"), StringComparison.Ordinal);
        Assert.Contains("both source and target", Fail(2, _folder, "compare", "m.safetensors", "--csv", "m.safetensors", "-f"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_are_compared_with_each_other()
    {
        _folder.Write("a.safetensors", Models.TwoTensors(seed: 1));
        _folder.Write("b.safetensors", Models.TwoTensors(seed: 2));

        string text = Succeed(_folder, "compare", "a.safetensors", "b.safetensors").OutputText;
        string each = Succeed(_folder, "compare", "a.safetensors", "b.safetensors", "--each", "--no-peers", "--no-coders", "--levels", "none").OutputText;

        Assert.Contains("1 equal  1 nearly equal  0 of another dtype or shape  0 new  0 missing", text, StringComparison.Ordinal);
        Assert.Matches(@"\nlayer\.0/weight  near   BF16 ", text);
        Assert.Matches(@"(?s)^a\.safetensors  1 file .*\nb\.safetensors  1 file ", each);
    }

    [Fact]
    public void Estimate_states_its_error()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());

        string text = Succeed(_folder, "compare", "m.safetensors", "--estimate").OutputText;

        Assert.Matches(@"\npacking saves about \d\d\.\d %; all of it was packed, so there is no error\n", text);
    }

    [Theory]
    [InlineData("compare")]
    [InlineData("compare", "-")]
    [InlineData("compare", "m.safetensors", "--levels", "best")]
    [InlineData("compare", "m.safetensors", "--top", "0")]
    [InlineData("compare", "m.safetensors", "--sort", "colour")]
    [InlineData("compare", "m.safetensors", "--html", "-")]
    public void Wrong_usage_is_one_line(params string[] arguments)
    {
        _folder.Write("m.safetensors", Models.TwoTensors());

        Fail(2, _folder, arguments);
    }

    [Fact]
    public void Missing_model_is_named() =>
        Assert.Contains("x.safetensors: no such file", Fail(5, _folder, "compare", "x.safetensors"), StringComparison.Ordinal);

    [LinuxTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Cancelled_comparison_writes_what_it_has(string signal, int exitCode)
    {
        // A hole of a size that takes far longer than a signal takes to arrive, behind a model that is soon measured.
        _folder.Write("a.safetensors", Models.TwoTensors());
        using (FileStream hole = File.Create(_folder["b.bin"]))
        {
            hole.SetLength(1L << 38);
        }

        using Process process = Start(_folder, "compare", "a.safetensors", "b.bin", "a.safetensors", "--no-peers", "--no-coders", "--levels", "none", "--csv", "r.csv");
        WaitUntilOpen(process, "b.bin");
        Signal(process, signal);
        CommandResult result = Finish(process);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal("modelpack: cancelled; what was found until then is shown\n", result.Error);
        Assert.Contains("layer.0/weight", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("layer.0/weight", File.ReadAllText(_folder["r.csv"]), StringComparison.Ordinal);
    }

    // The model before it has been measured then.
    private static void WaitUntilOpen(Process process, string name)
    {
        string descriptors = $"/proc/{process.Id}/fd";
        Assert.True(SpinWait.SpinUntil(
            () => Array.Exists(Directory.GetFiles(descriptors), descriptor => new FileInfo(descriptor).LinkTarget?.EndsWith(name, StringComparison.Ordinal) == true),
            TimeSpan.FromSeconds(60)));
    }
}
