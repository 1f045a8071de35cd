using System.Text.Json;

namespace ModelPack.Tests.Support;

/// <summary>Files of the repository that tests read where they lie.</summary>
internal static class Repository
{
    /// <summary>The folder that holds ModelPack.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Full path of a file or folder of the repository.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The models that the manifest lists in a part, with their digests.</summary>
    public static IEnumerable<(string File, string Sha256)> Models(string part)
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(PathOf("testmodels/manifest.json")));
        foreach (JsonElement model in manifest.RootElement.GetProperty(part).EnumerateArray())
        {
            yield return (model.GetProperty("file").GetString()!, model.GetProperty("sha256").GetString()!);
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ModelPack.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("the tests do not run inside the repository");
    }
}
