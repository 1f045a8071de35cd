using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Hub;

/// <summary>
/// The folder of one repository in the cache of huggingface_hub: <c>models--OWNER--NAME</c> with the files under
/// <c>blobs</c>, named after the hub's hashes, and for each revision links to them under <c>snapshots</c>.
/// </summary>
internal sealed class HubCache
{
    private const string Snapshots = "snapshots";
    private const string Blobs = "blobs";

    private static readonly string[] Prefixes = ["models--", "datasets--", "spaces--"];

    private readonly string _folder;

    private HubCache(string folder) => _folder = folder;

    /// <summary>The repository that a folder belongs to; null when it lies in no snapshot of one.</summary>
    /// <param name="folder">Real path of the folder.</param>
    public static HubCache? Around(string folder)
    {
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.GetFileName(at) == Snapshots && Path.GetDirectoryName(at) is { } repository && IsRepository(repository))
            {
                return new HubCache(repository);
            }
        }

        return null;
    }

    /// <summary>The hub's hash in the name of a blob; null for a file that is none.</summary>
    /// <param name="file">Real path of the file.</param>
    public static string? HashOfBlob(string file) =>
        Path.GetDirectoryName(file) is { } blobs && Path.GetFileName(blobs) == Blobs && Path.GetDirectoryName(blobs) is { } repository && IsRepository(repository)
            ? Path.GetFileName(file)
            : null;

    /// <summary>Whether a file is a blob of this repository.</summary>
    /// <param name="file">Real path of the file.</param>
    public bool HasBlob(string file) => Path.GetDirectoryName(file) == Path.Combine(_folder, Blobs);

    /// <summary>The real path of the blob that a link of a snapshot leads to; null when it leads to none.</summary>
    /// <param name="folder">Real path of the link's folder.</param>
    /// <param name="target">Where the link leads.</param>
    public string? FindBlob(string folder, string target)
    {
        string link = Path.GetRelativePath(_folder, Path.Combine(folder, "link")).Replace(Path.DirectorySeparatorChar, '/');
        LinkEnd found = LinkPaths.Follow(link, target, TargetAt, out string end);
        return found == LinkEnd.Inside && end.Split('/') is [Blobs, _] && FileStatus.Of(FullPath(end), followLink: false).Type == FileType.Regular
            ? FullPath(end)
            : null;
    }

    private static bool IsRepository(string folder) =>
        Array.Exists(Prefixes, prefix => Path.GetFileName(folder).StartsWith(prefix, StringComparison.Ordinal)) && Directory.Exists(Path.Combine(folder, Blobs));

    private string? TargetAt(string path) =>
        FileStatus.Of(FullPath(path), followLink: false).Type == FileType.Link ? LinkText.Read(FullPath(path)) : null;

    private string FullPath(string path) => Path.Combine(_folder, path.Replace('/', Path.DirectorySeparatorChar));
}
