using System.Diagnostics;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class CancellationTests : IDisposable
{
    // A pipe of Linux holds 64 KiB; once this much went in, the command is known to read.
    private const int MoreThanAPipe = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Signal_while_reading_a_silent_pipe_leaves_nothing(string signal, int exitCode)
    {
        using Process process = Start(_folder, "pack", "-", "-o", "x.mpk");
        process.StandardInput.BaseStream.Write(Models.Noise(MoreThanAPipe, seed: 1));
        process.StandardInput.BaseStream.Flush();

        Signal(process, signal);

        Assert.Equal("modelpack: cancelled", AssertFailed(exitCode, Finish(process)));
        Assert.Empty(_folder.Names);
    }

    [UnixFact]
    public void Signal_while_nobody_reads_the_output_ends_the_command()
    {
        _folder.Write("noise.bin", Models.Noise(4 * MoreThanAPipe, seed: 2));
        using Process process = Start(_folder, "pack", "noise.bin", "-o", "-");

        // One byte has come, millions are waiting.
        Assert.NotEqual(-1, process.StandardOutput.BaseStream.ReadByte());
        Signal(process, "TERM");

        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(143, process.ExitCode);
    }

    [UnixTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Signal_in_the_midst_of_a_large_file_leaves_nothing(string signal, int exitCode)
    {
        MakeHugeFile("huge.bin");
        _folder.Write("huge.bin.mpk", [1, 2, 3]);
        using Process process = Start(_folder, "pack", "huge.bin", "--force");
        WaitForTemporaryFile();

        Signal(process, signal);

        AssertFailed(exitCode, Finish(process));
        Assert.Equal(["huge.bin", "huge.bin.mpk"], _folder.Names);
        Assert.Equal([1, 2, 3], _folder.Read("huge.bin.mpk"));
    }

    [UnixFact]
    public void Signal_while_unpacking_leaves_nothing()
    {
        using var other = new TemporaryFolder();
        other.Write("noise.bin", Models.Noise(4 * MoreThanAPipe, seed: 3));
        Succeed(other, "pack", "noise.bin");
        using Process process = Start(_folder, "unpack", "-", "-o", "noise.bin");
        process.StandardInput.BaseStream.Write(other.Read("noise.bin.mpk").AsSpan(0, 2 * MoreThanAPipe));
        process.StandardInput.BaseStream.Flush();
        WaitForTemporaryFile();

        Signal(process, "TERM");

        AssertFailed(143, Finish(process));
        Assert.Empty(_folder.Names);
    }

    [UnixFact]
    public void Killed_command_leaves_no_target()
    {
        MakeHugeFile("huge.bin");
        using Process process = Start(_folder, "pack", "huge.bin");
        WaitForTemporaryFile();

        process.Kill();

        process.WaitForExit();
        Assert.DoesNotContain("huge.bin.mpk", _folder.Names);
    }

    // A hole of a size that takes far longer to pack than a signal takes to arrive.
    private void MakeHugeFile(string name)
    {
        using FileStream file = File.Create(_folder[name]);
        file.SetLength(1L << 36);
    }

    private void WaitForTemporaryFile() =>
        Assert.True(SpinWait.SpinUntil(() => Array.Exists(_folder.Names, static name => name.EndsWith(".mpk-tmp", StringComparison.Ordinal)), TimeSpan.FromSeconds(60)));
}
