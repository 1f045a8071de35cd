using System.Diagnostics;
using System.Text;

namespace ModelPack.Cli.Tests.Support;

/// <summary>What a finished command left.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The bytes of standard output.</param>
/// <param name="Error">The text of standard error.</param>
internal sealed record CommandResult(int ExitCode, byte[] Output, string Error)
{
    public string OutputText => Encoding.UTF8.GetString(Output);
}

/// <summary>
/// The command, run as a process of its own: the assembly that the project reference put beside the tests or, where the environment
/// variable MODELPACK_COMMAND names a program, that program.
/// </summary>
internal static class ModelPackCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Words = Environment.GetEnvironmentVariable("MODELPACK_COMMAND") is { Length: > 0 } program
        ? [Path.GetFullPath(program)]
        : [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "ModelPack.Cli.dll")];

    /// <summary>A shell script in which the command takes the place of <c>$MODELPACK</c>.</summary>
    public static string InScript(string script) =>
        script.Replace("$MODELPACK", string.Join(' ', Words.Select(static word => $"'{word}'")), StringComparison.Ordinal);

    /// <summary>Runs the command to its end in a folder, with nothing on standard input.</summary>
    public static CommandResult Run(TemporaryFolder folder, params string[] arguments) => RunWithInput(folder, [], arguments);

    /// <summary>Runs the command and expects it to succeed.</summary>
    public static CommandResult Succeed(TemporaryFolder folder, params string[] arguments)
    {
        CommandResult result = Run(folder, arguments);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return result;
    }

    /// <summary>Runs the command and expects it to fail with one line on standard error and nothing on standard output.</summary>
    /// <returns>The line.</returns>
    public static string Fail(int exitCode, TemporaryFolder folder, params string[] arguments) => AssertFailed(exitCode, Run(folder, arguments));

    /// <summary>Checks that a command failed as every failing command should.</summary>
    public static string AssertFailed(int exitCode, CommandResult result)
    {
        Assert.Equal("", result.OutputText);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith("modelpack: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(result.Error.Length - 1, result.Error.IndexOf('\n', StringComparison.Ordinal));
        return result.Error.TrimEnd('\n');
    }

    /// <summary>Runs the command to its end with these bytes on standard input.</summary>
    public static CommandResult RunWithInput(TemporaryFolder folder, byte[] input, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        var feed = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // A command that fails early need not read its input.
            }
        });
        CommandResult result = Finish(process);
        feed.Wait(Patience);
        return result;
    }

    /// <summary>Starts the command with pipes on all three standard streams.</summary>
    public static Process Start(TemporaryFolder folder, params string[] arguments) => StartProcess(folder, Words[0], [.. Words[1..], .. arguments]);

    /// <summary>Runs a shell script in which <c>$MODELPACK</c> stands for the command.</summary>
    public static CommandResult RunShell(TemporaryFolder folder, string script)
    {
        using Process process = StartProcess(folder, "/bin/sh", ["-c", InScript(script)]);
        process.StandardInput.Close();
        return Finish(process);
    }

    /// <summary>Reads what the process writes until it ends.</summary>
    public static CommandResult Finish(Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        Task copy = process.StandardOutput.BaseStream.CopyToAsync(output);
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"the command did not end within {Patience}");
        }

        Task.WaitAll(copy, error);
        return new CommandResult(process.ExitCode, output.ToArray(), error.Result);
    }

    /// <summary>Sends a signal (<c>INT</c>, <c>TERM</c>) to the process.</summary>
    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static Process StartProcess(TemporaryFolder folder, string file, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        return Process.Start(start)!;
    }
}
