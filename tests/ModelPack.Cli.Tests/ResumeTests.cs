using System.Diagnostics;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

/// <summary>The command, killed at seeded moments and run again, writes what it would have written in peace.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ResumeTests()
    {
        for (int shard = 1; shard <= 4; shard++)
        {
            _folder.Write(
                $"F/model-{shard}.safetensors",
                Models.Safetensors(("shared", "BF16", [128, 1024], Models.BFloat16Weights(128 * 1024, 1)), ("w", "BF16", [1024, 1024], Models.BFloat16Weights(1024 * 1024, 1 + shard))));
        }

        _folder.Write("F/config.json", "{}"u8.ToArray());
        Succeed(_folder, "pack", "F", "-o", "whole.mpk", "--level", "max", "--sha256");
    }

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData(null, 1)]
    [InlineData("400KB", 2)]
    public void Killed_at_any_moment_it_goes_on_and_ends_with_the_same_bytes(string? split, int seed)
    {
        string[] arguments = ["pack", "F", "-o", "x.mpk", "--resume", "--level", "max", "--sha256", "--threads", "2", "--json", .. split is null ? Array.Empty<string>() : ["--split", split]];
        long whole = new FileInfo(_folder["whole.mpk"]).Length;
        var random = new Random(seed);
        int killed = 0;
        for (int round = 0; round < 4; round++)
        {
            using Process process = Start(_folder, arguments);
            long until = random.NextInt64(whole * 9 / 10);
            SpinWait.SpinUntil(() => process.HasExited || Left() >= until, TimeSpan.FromSeconds(60));
            if (process.HasExited)
            {
                break;
            }

            process.Kill();
            process.WaitForExit();
            killed++;
            Assert.DoesNotContain("x.mpk", _folder.Names);
        }

        CommandResult result = Run(_folder, [.. arguments, "--force"]);

        Assert.Equal(0, result.ExitCode);
        Assert.True(killed > 0);
        string[] files = split is null ? ["x.mpk"] : [.. _folder.Names.Where(static name => name.StartsWith("x.mpk.", StringComparison.Ordinal))];
        Assert.True(_folder.Read("whole.mpk").AsSpan().SequenceEqual([.. files.SelectMany(_folder.Read)]));
        Assert.DoesNotContain(_folder.Names, static name => name.StartsWith('.'));
        using var json = JsonDocument.Parse(result.Output);
        Assert.True(json.RootElement.GetProperty("reused_bytes").GetInt64() > 0);
    }

    [UnixFact]
    public void Interrupted_by_a_signal_it_says_that_it_can_go_on()
    {
        using Process process = Start(_folder, "pack", "F", "-o", "x.mpk", "--resume", "--level", "max");
        Assert.True(SpinWait.SpinUntil(() => Left() > 500_000, TimeSpan.FromSeconds(60)));
        Signal(process, "INT");

        Assert.Equal("modelpack: cancelled; what was packed is kept for another run with --resume", AssertFailed(130, Finish(process)));
        Assert.Equal([".x.mpk.mpk-journal", ".x.mpk.mpk-resume", "F", "whole.mpk"], _folder.Names);
        Assert.Contains(" packed before  ", Succeed(_folder, "pack", "F", "-o", "x.mpk", "--resume", "--level", "max").OutputText, StringComparison.Ordinal);
        Assert.Equal(["F", "whole.mpk", "x.mpk"], _folder.Names);
        Succeed(_folder, "verify", "x.mpk", "--against", "F");
    }

    [Fact]
    public void Standard_input_cannot_be_resumed() =>
        AssertFailed(2, RunWithInput(_folder, [1], "pack", "-", "-o", "x.mpk", "--resume"));

    private long Left() => Directory.EnumerateFiles(_folder.Path, ".x.mpk*.mpk-resume").Sum(static path => File.Exists(path) ? new FileInfo(path).Length : 0);
}
