using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Environments;
using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Peers;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Benchmarks.Reporting;

/// <summary>Where and with what results were measured.</summary>
internal static class Machine
{
    private static readonly Assembly[] Compared =
    [
        typeof(ModelPacker).Assembly,
        typeof(ZstdSharp.Compressor).Assembly,
        typeof(K4os.Compression.LZ4.LZ4Codec).Assembly,
        typeof(Snappier.Snappy).Assembly,
        typeof(System.IO.Compression.BrotliEncoder).Assembly,
        typeof(System.IO.Compression.GZipStream).Assembly,
        typeof(System.IO.Hashing.XxHash3).Assembly,
        typeof(BenchmarkDotNet.Running.BenchmarkRunner).Assembly,
    ];

    /// <summary>Name of the processor, as the system tells it.</summary>
    public static string Processor => HostEnvironmentInfo.GetCurrent().Cpu.Value?.ProcessorName?.Trim() is { Length: > 0 } name
        ? name
        : $"unknown {RuntimeInformation.ProcessArchitecture}";

    /// <summary>Folder for the results of this processor.</summary>
    public static string ResultsFolder => Path.Combine(ModelFiles.Root, "benchmarks", "results", Slug(Processor));

    /// <summary>A name as a folder: lower-case letters and digits, with one hyphen for all that lies between.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (char letter in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                slug.Append(letter);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    /// <summary>Facts about machine, system, runtime, packages, programs and sources, one a line: <c>name: value</c>.</summary>
    public static string Versions()
    {
        var text = new StringBuilder();
        Append("processor", Processor);
        Append("logical processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        Append("vectors", PlaneKernels.BestFor(PlaneLayoutId.BFloat16).InstructionSet);
        Append("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0.0} GB");
        Append("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        Append("runtime", RuntimeInformation.FrameworkDescription);
        Append("commit", Commit());
        foreach (Assembly assembly in Compared)
        {
            Append(assembly.GetName().Name!, PackageVersion(assembly));
        }

        foreach (CommandLinePeer program in PeerCatalog.FastPrograms.Concat(PeerCatalog.SlowPrograms))
        {
            Append(program.Name, program.Version() ?? "not installed");
        }

        return text.ToString();

        void Append(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
    }

    /// <summary>The value of a line of <see cref="Versions"/>.</summary>
    /// <exception cref="FormatException">There is no such line.</exception>
    public static string Find(string versions, string name) =>
        versions.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.Ordinal)) is { } found
            ? found[(name.Length + 2)..].TrimEnd('\r')
            : throw new FormatException($"there is no '{name}' among the versions");

    // The package version, without the commit that builds append.
    private static string PackageVersion(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? assembly.GetName().Version?.ToString()
        ?? "unknown";

    private static string Commit()
    {
        string? commit = Git("rev-parse", "HEAD");
        bool changed = Git("status", "--porcelain", "--untracked-files=no") is { Length: > 0 };
        return commit is null ? "unknown" : changed ? $"{commit}, with changes" : commit;
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", ModelFiles.Root, .. arguments]) { RedirectStandardOutput = true })!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
