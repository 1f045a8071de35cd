using System.Globalization;
using ModelPack.Cli.Tests.Support;

namespace ModelPack.Cli.Tests;

/// <summary>What tools/publish.sh makes does what the build does, with the kernels each variant is for.</summary>
public sealed class PublishedBinaryTests : IDisposable
{
    private const string Transformer = "transformer_bf16.safetensors";
    private const string Quantised = "quantised.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PublishedTheory(Published.Baseline)]
    [InlineData(Transformer)]
    [InlineData(Quantised)]
    public void Baseline_packs_as_the_build_does(string model) => AssertPacksAsTheBuildDoes(Published.Baseline, model);

    [PublishedTheory(Published.Avx2)]
    [InlineData(Transformer)]
    [InlineData(Quantised)]
    public void Avx2_packs_as_the_build_does(string model) => AssertPacksAsTheBuildDoes(Published.Avx2, model);

    [PublishedTheory(Published.Avx512)]
    [InlineData(Transformer)]
    [InlineData(Quantised)]
    public void Avx512_packs_as_the_build_does(string model) => AssertPacksAsTheBuildDoes(Published.Avx512, model);

    [PublishedFact(Published.Baseline)]
    public void Baseline_runs_its_kernels() => Assert.StartsWith("kernels: planes Vector128, lane-ans ", Kernels(Published.Baseline), StringComparison.Ordinal);

    [PublishedFact(Published.Avx2)]
    public void Avx2_runs_its_kernels() => Assert.StartsWith("kernels: planes AVX2, lane-ans ", Kernels(Published.Avx2), StringComparison.Ordinal);

    [PublishedFact(Published.Avx512)]
    public void Avx512_runs_its_kernels() => Assert.Equal("kernels: planes AVX-512, lane-ans AVX-512 VBMI2", Kernels(Published.Avx512));

    [PublishedFact(Published.Baseline)]
    public void Published_command_has_the_library_of_onnx_runtime()
    {
        Run($"'{Published.PathOf(Published.Baseline)}' pack '{Path.Combine(Published.TestModels, "mlp_f32.onnx")}' -o m.mpk");
        Assert.Contains("equal in ONNX Runtime", Run($"'{Published.PathOf(Published.Baseline)}' verify m.mpk --onnxruntime"), StringComparison.Ordinal);
    }

    [PublishedFact(Published.Baseline)]
    public void Launcher_starts_the_best_variant() =>
        Assert.Equal(Run($"'{Published.PathOf(Published.RunnableVariants[0])}' --version"), Run($"MODELPACK_CPU= '{Published.Launcher}' --version"));

    [PublishedFact(Published.Baseline)]
    public void Comparison_writes_its_page_natively()
    {
        string model = Path.Combine(Published.TestModels, Transformer);
        Run($"'{Published.PathOf(Published.RunnableVariants[0])}' compare '{model}' --html r.html --csv r.csv --peer-mb 1");
        Run($"$MODELPACK compare '{model}' --no-peers --csv built.csv");

        Assert.Equal(5, File.ReadAllText(_folder["r.html"]).Split("<figure>").Length - 1);
        Assert.Equal(Rounded(_folder["built.csv"]), Rounded(_folder["r.csv"]));
    }

    /// <summary>Fields of a table; sums of values depend in their last digits on how many are added at once.</summary>
    private static IEnumerable<string> Rounded(string path) => File.ReadAllText(path).Split(',', '\n').Select(static field =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number.ToString("G9", CultureInfo.InvariantCulture) : field);

    private void AssertPacksAsTheBuildDoes(string variant, string model)
    {
        string original = Path.Combine(Published.TestModels, model);
        string program = Published.PathOf(variant);
        Run($"$MODELPACK pack '{original}' --sha256 -o built.mpk");
        Run($"'{program}' pack '{original}' --sha256 -o published.mpk");
        Run($"'{program}' verify published.mpk --against '{original}'");
        Run($"'{program}' unpack published.mpk -o restored");

        Assert.Equal(File.ReadAllBytes(_folder["built.mpk"]), File.ReadAllBytes(_folder["published.mpk"]));
        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(_folder["restored"]));
    }

    private string Kernels(string variant) => Run($"'{Published.PathOf(variant)}' --version").TrimEnd('\n').Split('\n')[1];

    private string Run(string script)
    {
        CommandResult result = ModelPackCommand.RunShell(_folder, script);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return result.OutputText;
    }
}
