using System.Globalization;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Compatibility;

/// <summary>Containers as earlier programs wrote them, with their originals.</summary>
internal static class GoldenFiles
{
    /// <summary>Containers of format version 1.</summary>
    public static string[] Version1 { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1"), "*.mpk").Order(StringComparer.Ordinal)];

    /// <summary>A container of format version 1 that is a difference, with the base and the original that it belongs to.</summary>
    public static (string Container, string Base, string Original) Difference { get; } = (
        Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/with-base/tuned.safetensors.mpk"),
        Repository.PathOf("testmodels/finetune/base.safetensors"),
        Repository.PathOf("testmodels/finetune/tuned.safetensors"));

    /// <summary>The list of a container in parts.</summary>
    public static string Split { get; } = Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/split/sharded.mpk");

    /// <summary>A container of format version 1 of a model that took its data files along, with the folder that it belongs to.</summary>
    public static (string Container, string Folder) ModelAndData { get; } = (
        Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/with-data/model.onnx.mpk"), Repository.PathOf("testmodels/external"));

    /// <summary>
    /// The file or folder of testmodels that a container was packed from: the container's name without ".mpk", and
    /// without the name of the coder that was forced.
    /// </summary>
    public static string OriginalOf(string container)
    {
        string name = Path.GetFileNameWithoutExtension(container);
        string coder = Path.GetExtension(name).TrimStart('.');
        return Repository.PathOf(Path.Combine("testmodels", Enum.TryParse<PlaneCoder>(coder, out _) ? Path.GetFileNameWithoutExtension(name) : name));
    }

    /// <summary>The containers in hexadecimal of FORMAT.md, "Worked example", in order.</summary>
    public static List<byte[]> WorkedExamples()
    {
        var examples = new List<byte[]>();
        var bytes = new List<byte>();
        foreach (string line in File.ReadLines(Repository.PathOf("src/ModelPack/Container/FORMAT.md"))
            .SkipWhile(static line => line != "## Worked example"))
        {
            if (line == "```" && bytes.Count > 0)
            {
                examples.Add([.. bytes]);
                bytes.Clear();
            }
            else if (line.Length > 6 && int.TryParse(line.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int offset))
            {
                Assert.Equal(bytes.Count, offset);

                // An offset, two spaces, up to 16 bytes in a column of 47 characters, two spaces, the explanation.
                bytes.AddRange(Convert.FromHexString(line[6..Math.Min(line.Length, 53)].Replace(" ", "", StringComparison.Ordinal)));
            }
        }

        return examples;
    }

    /// <summary>Asserts that a file, or a folder with all its files, equals another.</summary>
    public static void AssertSame(string expected, string actual)
    {
        if (!Directory.Exists(expected))
        {
            Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(actual));
            return;
        }

        string[] names = FilesOf(expected);
        Assert.Equal(names, FilesOf(actual));
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(actual, name))));
    }

    private static string[] FilesOf(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal),
    ];
}
