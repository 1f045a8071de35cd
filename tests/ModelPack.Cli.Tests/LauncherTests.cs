using ModelPack.Cli.Tests.Support;

namespace ModelPack.Cli.Tests;

/// <summary>
/// The launcher that tools/publish.sh puts before the variants, here with a list of CPU flags and with variants that only
/// say what they were started as.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    // /proc/cpuinfo of a Zen 4, a Haswell and a Nehalem, shortened.
    private const string Zen4 =
        "fpu sse4_2 popcnt fma movbe avx f16c abm bmi1 avx2 bmi2 avx512f avx512dq avx512ifma avx512cd avx512bw avx512vl "
        + "avx512vbmi avx512_vbmi2 gfni vaes avx512_vnni avx512_bitalg avx512_vpopcntdq";

    private const string Haswell = "fpu sse4_2 popcnt fma movbe avx f16c abm bmi1 avx2 bmi2";
    private const string Nehalem = "fpu sse4_2 popcnt";

    // AVX-512 without VBMI2, as in Skylake-X.
    private const string SkylakeX = Haswell + " avx512f avx512dq avx512cd avx512bw avx512vl";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData(Zen4, "", "avx512")]
    [InlineData(SkylakeX, "", "avx2")]
    [InlineData(Haswell, "", "avx2")]
    [InlineData(Nehalem, "", "baseline")]
    [InlineData("", "", "baseline")]
    [InlineData(Zen4, "avx512", "avx512")]
    [InlineData(Zen4, "avx2", "avx2")]
    [InlineData(Zen4, "baseline", "baseline")]
    public void Starts_the_best_or_the_named_variant(string flags, string named, string expected)
    {
        Install(flags);

        Assert.Equal($"[{expected}]\n", Run($"MODELPACK_CPU={named} ./bin/modelpack").OutputText);
    }

    [UnixTheory]
    [InlineData(Nehalem, "avx2", "modelpack: MODELPACK_CPU=avx2: this CPU has no avx\n")]
    [InlineData(SkylakeX, "avx512", "modelpack: MODELPACK_CPU=avx512: this CPU has no avx512ifma\n")]
    [InlineData(Zen4, "avx", "modelpack: MODELPACK_CPU: 'avx' is none of baseline, avx2, avx512\n")]
    public void Refuses_a_variant_that_cannot_run(string flags, string named, string error)
    {
        Install(flags);

        CommandResult result = Run($"MODELPACK_CPU={named} ./bin/modelpack");

        Assert.Equal((2, "", error), (result.ExitCode, result.OutputText, result.Error));
    }

    [UnixFact]
    public void Names_a_variant_that_is_missing()
    {
        Install(Nehalem);
        File.Delete(_folder["bin/modelpack-baseline"]);

        CommandResult result = Run("MODELPACK_CPU= ./bin/modelpack");

        Assert.Equal((5, ""), (result.ExitCode, result.OutputText));
        Assert.Equal("modelpack: ./bin/modelpack-baseline: missing; modelpack needs its variants beside it\n", result.Error);
    }

    [UnixFact]
    public void Passes_arguments_on_untouched()
    {
        Install(Haswell);

        Assert.Equal("[avx2][a  b][][*][-n][$HOME][\n]\n", Run("MODELPACK_CPU= ./bin/modelpack 'a  b' '' '*' -n '$HOME' '\n'").OutputText);
    }

    [UnixFact]
    public void Passes_input_and_exit_code_through()
    {
        Install(Haswell);

        CommandResult result = Run("printf 'some input' | MODELPACK_CPU= ./bin/modelpack --exit");

        Assert.Equal((7, "[avx2][--exit]\nsome input"), (result.ExitCode, result.OutputText));
    }

    [UnixFact]
    public void Finds_its_variants_through_links_and_from_any_folder()
    {
        Install(Haswell);

        Run("mkdir 'other place' && ln -s ../bin/modelpack 'other place/first' && ln -s \"$PWD/other place/first\" second");

        Assert.Equal("[avx2]\n", Run("MODELPACK_CPU= ./second").OutputText);
        Assert.Equal("[avx2]\n", Run("PATH=\"$PWD/other place:$PATH\" && cd / && MODELPACK_CPU= first").OutputText);
        Assert.Equal("[avx2]\n", Run("cd bin && MODELPACK_CPU= sh modelpack").OutputText);
    }

    private void Install(string flags)
    {
        const string cpuInfo = "/proc/cpuinfo";
        string launcher = File.ReadAllText(Published.LauncherSource);
        Assert.Contains(cpuInfo, launcher, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["scripts"]);
        File.WriteAllText(_folder["cpuinfo"], $"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n\nprocessor\t: 1\nflags\t\t: {Zen4}\n");
        File.WriteAllText(_folder["scripts/modelpack"], launcher.Replace(cpuInfo, $"'{_folder["cpuinfo"]}'", StringComparison.Ordinal));
        foreach (string variant in (string[])[Published.Baseline, Published.Avx2, Published.Avx512])
        {
            File.WriteAllText(
                _folder[$"scripts/modelpack-{variant}"],
                $"#!/bin/sh\nprintf '[%s]' {variant} \"$@\"\necho\n[ \"$1\" != --exit ] || {{ cat; exit 7; }}\n");
        }

        // Copied, for a file cannot be executed while a process that another test starts right now still has it open to write.
        Assert.Equal(0, Run("cp -R scripts bin && chmod +x bin/*").ExitCode);
    }

    private CommandResult Run(string script) => ModelPackCommand.RunShell(_folder, script);
}
