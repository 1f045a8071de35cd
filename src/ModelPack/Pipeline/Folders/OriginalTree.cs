using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Folders;

/// <summary>An original folder that a container is compared with; what is in both is crossed off.</summary>
internal sealed class OriginalTree
{
    private readonly Dictionary<string, PackInputFile> _files;
    private readonly Dictionary<string, FolderEntry> _entries;

    /// <param name="root">Path of the folder.</param>
    /// <param name="filter">Which files to look at.</param>
    public OriginalTree(string root, PathFilter? filter)
    {
        (List<PackInputFile> files, IReadOnlyList<FolderEntry> entries) = FolderWalk.Run(root, filter);
        _files = files.ToDictionary(static file => file.Path, StringComparer.Ordinal);
        _entries = entries.ToDictionary(static entry => entry.Path, StringComparer.Ordinal);
    }

    /// <summary>Opens a file; null when there is none of that path.</summary>
    public ByteSource? Open(string path) => _files.Remove(path, out PackInputFile? file) ? file.Open() : null;

    /// <summary>Says how the original differs from a folder or link of the container; null when it does not.</summary>
    public string? FindDifference(FileStart entry)
    {
        _entries.Remove(entry.Path, out FolderEntry? original);
        bool isLink = (EntryKind)entry.Kind == EntryKind.Link;
        if (original is null || (uint)original.Kind != entry.Kind)
        {
            return $"is a {(isLink ? "link" : "folder")} in the container, but not in the original folder";
        }

        return original.Target == entry.LinkTarget ? null : $"the original leads to '{original.Target}', the packed link to '{entry.LinkTarget}'";
    }

    /// <summary>What is left that restoring the container would not bring back.</summary>
    public IEnumerable<string> Left => _files.Keys
        .Concat(_entries.Values.Where(static entry => entry.IsNeeded).Select(static entry => entry.Path))
        .Order(StringComparer.Ordinal);
}
