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

    /// <summary>A container of format version 1 with folders, links, an execute bit and times.</summary>
    public static string FolderWithAll { get; } = Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/tree/folder.mpk");

    /// <summary>A container of format version 1 of one file, with an execute bit and a time.</summary>
    public static string FileWithAll { get; } = Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/tree/run.sh.mpk");

    /// <summary>A container of format version 1 of a model that took its data files along, with the folder that it belongs to.</summary>
    public static (string Container, string Folder) ModelAndData { get; } = (
        Repository.PathOf("tests/ModelPack.Tests/Compatibility/v1/with-data/model.onnx.mpk"), Repository.PathOf("testmodels/external"));

    /// <summary>Asserts that a folder is what <see cref="FolderWithAll"/> was packed from.</summary>
    public static void AssertFolderWithAll(string folder)
    {
        Assert.Equal(
            [
                ". folder 1500000000.000000001",
                "config.json file 1700000000.123456789 - {}",
                "empty folder -1.500000000",
                "latest link na me",
                "na me folder 1600000000.500000000",
                "na me/inner folder 1400000000.000000000",
                "na me/up link ../config.json",
                "na me/ü-模型.txt file 4102444800.999999999 - text",
                "nowhere link not/there",
                "run.sh file 0.000000000 x #!/bin/sh",
            ],
            Tree.Names(folder).Select(name => Describe(folder, name)));
    }

    private static string Describe(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (new FileInfo(path).LinkTarget is { } target)
        {
            return $"{name} link {target}";
        }

        string time = Tree.Run("stat", "-c", "%.9Y", path);
        return Directory.Exists(path) ? $"{name} folder {time}" : $"{name} file {time} {(Tree.IsExecutable(path) ? "x" : "-")} {File.ReadAllText(path).TrimEnd()}";
    }

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
