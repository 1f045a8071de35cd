using ModelPack.Container;
using ModelPack.Pipeline.Hub;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Folders;

/// <summary>Finds all that is in a folder. Nothing is opened, and no link is walked through.</summary>
internal sealed class FolderWalk
{
    private readonly string _root;
    private readonly PathFilter? _filter;
    private readonly HubCache? _hub;
    private readonly List<PackInputFile> _files = [];
    private readonly List<FolderEntry> _links = [];
    private readonly List<(string Path, long? Modified)> _folders = [];

    private FolderWalk(string root, PathFilter? filter)
    {
        _root = root;
        _filter = filter;
        _hub = HubCache.Around(RealPath.Of(root));
    }

    /// <summary>Walks a folder.</summary>
    /// <param name="root">Its path.</param>
    /// <param name="filter">Which files and links to take; null takes all.</param>
    /// <returns>Files, and folders and links, each ordered by their paths.</returns>
    /// <exception cref="ModelPackException">There is something that cannot be packed.</exception>
    public static (List<PackInputFile> Files, List<FolderEntry> Entries) Run(string root, PathFilter? filter)
    {
        var walk = new FolderWalk(root, filter);
        walk.Walk();

        // The order of a folder's entries differs between machines.
        walk._files.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        walk._links.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return (walk._files, [.. walk.MakeFolders(), .. walk._links]);
    }

    private void Walk()
    {
        var pending = new Stack<string>([""]);
        while (pending.TryPop(out string? folder))
        {
            string full = FullPath(folder);
            FileStatus before = FileStatus.Of(full, followLink: folder.Length == 0);
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (FileSystemInfo entry in new DirectoryInfo(full).EnumerateFileSystemInfos())
            {
                string path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                FileStatus status = FileStatus.Of(FullPath(path), followLink: false);
                CheckName(path, entry.Name, status, names.Add(entry.Name));
                if (status.Type == FileType.Folder || (status.Type == FileType.Unknown && entry is DirectoryInfo))
                {
                    pending.Push(path);
                }
                else if (_filter?.Selects(path) != false)
                {
                    Add(path, status);
                }
            }

            // A link that has taken the folder's place would have led elsewhere.
            if (FileStatus.Of(full, followLink: folder.Length == 0).Type is not (FileType.Folder or FileType.Unknown))
            {
                throw new IOException($"{full}: was changed while it was packed");
            }

            _folders.Add((folder, before.Modified));
        }
    }

    private void Add(string path, FileStatus status)
    {
        string full = FullPath(path);
        switch (status.Type)
        {
            case FileType.Regular or FileType.Unknown:
                _files.Add(MakeFile(path, full));
                break;
            case FileType.Link:
                AddLink(path, full);
                break;
            case FileType.Missing:
                throw new IOException($"{full}: vanished while the folder was read");
            default:
                throw new ModelPackException(ModelPackError.InvalidRequest, "is neither a regular file nor a folder; pipes, sockets and devices are not packed", full);
        }
    }

    private void AddLink(string path, string full)
    {
        string target = LinkText.Read(full);
        if (_hub?.FindBlob(RealPath.Of(Path.GetDirectoryName(full)!), target) is { } blob)
        {
            _files.Add(MakeFile(path, blob) with { Open = () => ByteSource.OpenFile(blob, full, followLink: false) });
            return;
        }

        if (EntryRules.FindTargetFault(target) is { } fault)
        {
            throw Refused(fault + (Path.IsPathRooted(target) ? "; only links that stay inside the folder are packed" : ""));
        }

        LinkEnd end = LinkPaths.Follow(path, target, TargetAt, out _);
        if (end != LinkEnd.Inside)
        {
            throw Refused(end == LinkEnd.Loop
                ? $"leads to '{target}' and back to itself"
                : $"leads to '{target}', outside the folder that is packed");
        }

        _links.Add(new FolderEntry(path, EntryKind.Link, null, target, IsNeeded: true));

        ModelPackException Refused(string reason) => new(ModelPackError.InvalidRequest, $"is a link and {reason}", full);
    }

    private string? TargetAt(string path)
    {
        string full = FullPath(path);
        return FileStatus.Of(full, followLink: false).Type == FileType.Link ? LinkText.Read(full) : null;
    }

    private List<FolderEntry> MakeFolders()
    {
        HashSet<string> filled = new(StringComparer.Ordinal);
        _files.ForEach(file => FillParents(file.Path, filled));
        _links.ForEach(link => FillParents(link.Path, filled));
        List<FolderEntry> folders = [];

        // What is inside a folder comes before it, as a folder that holds others comes back with them.
        foreach ((string path, long? modified) in _folders.OrderDescending(Comparer<(string Path, long?)>.Create(static (a, b) => string.CompareOrdinal(a.Path, b.Path))))
        {
            bool isFilled = path.Length == 0 || filled.Contains(path);
            if (isFilled || _filter?.Selects(path + "/") != false)
            {
                folders.Add(new FolderEntry(path, EntryKind.Folder, modified, "", IsNeeded: !isFilled));
                FillParents(path, filled);
            }
        }

        folders.Reverse();
        return folders;
    }

    private static void FillParents(string path, HashSet<string> filled)
    {
        for (int slash = path.LastIndexOf('/'); slash > 0 && filled.Add(path[..slash]); slash = path.LastIndexOf('/', slash - 1))
        {
        }
    }

    private void CheckName(string path, string name, FileStatus status, bool isNew)
    {
        // The runtime reads bytes that are no UTF-8 as U+FFFD: then nothing is found under the name, or something else is.
        if (name.Contains('\uFFFD', StringComparison.Ordinal) && (!isNew || status.Type == FileType.Missing))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "has a name that is not UTF-8, which a container cannot hold", FullPath(path));
        }

        if (!LinkText.IsUnicode(name))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "has a name that is not Unicode, which a container cannot hold", FullPath(path));
        }
    }

    private string FullPath(string path) => path.Length == 0 ? _root : Path.Combine(_root, path.Replace('/', Path.DirectorySeparatorChar));

    private static PackInputFile MakeFile(string path, string full) =>
        new(path, () => ByteSource.OpenFile(full, followLink: false), FileStatus.Of(full, followLink: false).Length, () => FileStamp.Of(full, followLink: false))
        {
            FindPublishedHash = () => PublishedHash.Of(full),
        };
}
