using System.Runtime.InteropServices;

namespace ModelPack.Cli.Tests.Support;

/// <summary>What tools/publish.sh left in its default folder.</summary>
internal static class Published
{
    public const string Baseline = "baseline";
    public const string Avx2 = "avx2";
    public const string Avx512 = "avx512";

    private static readonly string Root = FindRoot();

    public static string RepositoryRoot => Root;

    private static readonly Lazy<DateTime> NewestSource = new(static () =>
        new DirectoryInfo(Path.Combine(Root, "src")).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(static file => file.Extension is ".cs" or ".csproj" or ".proto" && !file.FullName.Contains("/obj/", StringComparison.Ordinal))
            .Max(static file => file.LastWriteTimeUtc));

    /// <summary>The committed source of the launcher.</summary>
    public static string LauncherSource { get; } = Path.Combine(Root, "tools", "modelpack-launcher.sh");

    public static string TestModels { get; } = Path.Combine(Root, "testmodels");

    public static string Launcher { get; } = Path.Combine(Root, "artifacts", "modelpack", "modelpack");

    /// <summary>The variants that this CPU can run, the best first; told by the newest of the sets that each requires.</summary>
    public static IReadOnlyList<string> RunnableVariants { get; } = FindRunnable();

    public static string PathOf(string variant) => $"{Launcher}-{variant}";

    /// <summary>Why a variant cannot be tested here; null when it can.</summary>
    public static string? ReasonToSkip(string variant)
    {
        if (!RunnableVariants.Contains(variant))
        {
            return $"this is no Linux on x64 with a CPU for the variant {variant}";
        }

        var program = new FileInfo(PathOf(variant));
        return !program.Exists ? "nothing is published; run tools/publish.sh"
            : program.LastWriteTimeUtc < NewestSource.Value ? "what is published is older than the sources; run tools/publish.sh"
            : null;
    }

    private static List<string> FindRunnable()
    {
        // Not from IsSupported: switches that turn instruction sets off reach this process, but not native code.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            return [];
        }

        string[] flags = File.ReadLines("/proc/cpuinfo").First(static line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        List<string> variants = [];
        if (flags.Contains("avx512_vbmi2") && flags.Contains("gfni"))
        {
            variants.Add(Avx512);
        }

        if (flags.Contains("avx2") && flags.Contains("bmi2"))
        {
            variants.Add(Avx2);
        }

        variants.Add(Baseline);
        return variants;
    }

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ModelPack.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"no ModelPack.sln above {AppContext.BaseDirectory}");
    }
}

/// <summary>A test of a published variant; skipped where it is not published or the CPU cannot run it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute(string variant)
    {
        Variant = variant;
        Skip = Published.ReasonToSkip(variant);
    }

    public string Variant { get; }
}

/// <summary>A theory over a published variant; skipped where it is not published or the CPU cannot run it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute(string variant)
    {
        Variant = variant;
        Skip = Published.ReasonToSkip(variant);
    }

    public string Variant { get; }
}
