using System.Runtime.CompilerServices;

namespace ModelPack.Fuzz.Targets;

/// <summary>The committed models and containers, as inputs to start from.</summary>
internal static class SeedModels
{
    /// <summary>Longer ones take too long to try, and hold nothing that shorter ones do not.</summary>
    private const int MostBytes = 100_000;

    /// <summary>Folder of the base that some of the containers need.</summary>
    public static string Base { get; } = Path.Combine(Root(), "testmodels", "finetune");

    public static IEnumerable<byte[]> Of(string extension) => Read("testmodels", extension);

    /// <summary>Whole containers: the list of one in parts has the same extension.</summary>
    public static IEnumerable<byte[]> Containers() =>
        Read("tests/ModelPack.Tests/Compatibility/v1", ".mpk").Where(static bytes => Container.ContainerHeader.HasMagic(bytes));

    private static IEnumerable<byte[]> Read(string folder, string extension) =>
        Directory.EnumerateFiles(Path.Combine(Root(), folder), "*" + extension, SearchOption.AllDirectories)
            .Where(static path => !path.Contains("fetched", StringComparison.Ordinal) && new FileInfo(path).Length <= MostBytes)
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes);

    // Where this file was when it was compiled.
    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
