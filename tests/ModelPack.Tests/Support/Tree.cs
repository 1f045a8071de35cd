using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace ModelPack.Tests.Support;

/// <summary>What a folder holds, told by the runtime and not by the code under test.</summary>
internal static class Tree
{
    /// <summary>A line for each entry, the folder itself included: path, kind, content or target, execute bit, time.</summary>
    public static string[] Describe(string root, bool times = true) =>
        [.. Walk(root).Select(path => Line(root, path, times)).Order(StringComparer.Ordinal)];

    /// <summary>The paths of all entries, "." for the folder itself.</summary>
    public static string[] Names(string root) => [.. Walk(root).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static bool IsExecutable(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;

    /// <summary>Gives a file or folder a time, with nothing left of it below a tenth of a microsecond.</summary>
    public static void Touch(string path, int second) => Directory.SetLastWriteTimeUtc(path, Time(second));

    public static DateTime Time(int second) => new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc).AddSeconds(second).AddTicks(1234567);

    public static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>Runs a program of the system to its end and returns what it wrote.</summary>
    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    private static IEnumerable<string> Walk(string path) =>
        new FileInfo(path).LinkTarget is null && Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).SelectMany(Walk).Prepend(path) : [path];

    private static string Line(string root, string path, bool times)
    {
        string name = Path.GetRelativePath(root, path).Replace('\\', '/');
        if (new FileInfo(path).LinkTarget is { } target)
        {
            return $"{name} link {target}";
        }

        string time = times ? File.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture) : "";
        if (Directory.Exists(path))
        {
            return $"{name} folder {time}";
        }

        return $"{name} file {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))} {(IsExecutable(path) ? "x" : "-")} {time}";
    }
}
