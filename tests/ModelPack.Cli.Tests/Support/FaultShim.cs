using System.Diagnostics;

namespace ModelPack.Cli.Tests.Support;

/// <summary>Makes system calls of the command fail: tools/faults.c, built once.</summary>
internal static class FaultShim
{
    private static readonly Lazy<string?> Library = new(Build);

    /// <summary>Why no calls can be made to fail here; null when they can.</summary>
    public static string? ReasonToSkip => !OperatingSystem.IsLinux() ? "needs LD_PRELOAD"
        : Library.Value is null ? "needs a C compiler, cc"
        : null;

    /// <summary>What a shell writes before the command.</summary>
    /// <param name="path">Calls on files whose path contains this are counted.</param>
    /// <param name="call"><c>read</c>, <c>write</c>, <c>sync</c> or <c>rename</c>.</param>
    /// <param name="at">The first call to fail, from 1.</param>
    /// <param name="error">The errno; null for calls that transfer less than they were asked for.</param>
    public static string Before(string path, string call, int at, int? error) =>
        $"LD_PRELOAD='{Library.Value}' FAULT_PATH='{path}' FAULT_CALL={call} FAULT_AT={at} {(error is null ? "" : $"FAULT_ERROR={error} ")}";

    private static string? Build()
    {
        // It stays for later runs, as the compiler's output would.
        string library = Path.Combine(AppContext.BaseDirectory, "faults.so");
        string[] arguments = ["-shared", "-fPIC", "-O2", "-o", library, Path.Combine(Published.RepositoryRoot, "tools", "faults.c"), "-ldl"];
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", arguments) { RedirectStandardError = true });
            compiler!.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>A theory whose cases make system calls fail; skipped where that cannot be done.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultTheoryAttribute : TheoryAttribute
{
    public FaultTheoryAttribute() => Skip = FaultShim.ReasonToSkip;
}
