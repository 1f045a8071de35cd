using System.ComponentModel;
using System.Diagnostics;

namespace ModelPack.Benchmarks.Peers;

/// <summary>A compressor that is installed as a program; asked for sizes alone, because starting it and its pipe take time too.</summary>
/// <param name="program">Name of the program.</param>
/// <param name="arguments">What makes it write to standard output, on one thread.</param>
/// <param name="name">Name in tables.</param>
internal sealed class CommandLinePeer(string program, IReadOnlyList<string> arguments, string name)
{
    public string Name => name;

    /// <summary>The packed length of a file; null when the program is not installed.</summary>
    /// <exception cref="IOException">The program failed.</exception>
    public long? PackedLength(string path)
    {
        using Process? process = Start([.. arguments, path]);
        if (process is null)
        {
            return null;
        }

        long length = 0;
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0; length += read)
        {
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? length : throw new IOException($"{name} ended with exit code {process.ExitCode} on {path}");
    }

    /// <summary>First line of what the program says about its version; null when it is not installed.</summary>
    public string? Version()
    {
        using Process? process = Start(["--version"]);
        string? line = process?.StandardOutput.ReadLine();
        process?.StandardOutput.ReadToEnd();
        process?.WaitForExit();
        return line?.Trim();
    }

    private Process? Start(IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
