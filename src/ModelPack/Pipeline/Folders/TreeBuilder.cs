using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Folders;

/// <summary>
/// Fills a new folder with files, folders and links. Nothing that is there is written over, links are made when all else is
/// there, and times of folders are set when nothing changes in them any more.
/// </summary>
/// <param name="root">Full path of the folder, which is there and empty.</param>
/// <param name="rules">The system's rules for names.</param>
internal sealed class TreeBuilder(string root, NameRules rules)
{
    /// <summary>Every path that is taken, as the system compares them, and how it was spelt.</summary>
    private readonly Dictionary<string, string> _taken = new(rules.Comparer);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Target)> _links = [];
    private readonly List<(string Path, long Modified)> _times = [];

    /// <summary>Creates a file, and the folders that it lies in.</summary>
    /// <param name="path">A path of the container, with <c>/</c> between its parts.</param>
    /// <exception cref="ModelPackException">The path cannot be made on this system, or its place is taken.</exception>
    public WrittenFile CreateFile(string path)
    {
        string full = Take(path);
        try
        {
            return new WrittenFile(full);
        }
        catch (IOException) when (FileStatus.Of(full, followLink: false).Type != FileType.Missing)
        {
            throw IsTaken(path, "another");
        }
    }

    /// <summary>Creates a folder.</summary>
    /// <param name="path">A path of the container; empty for the whole.</param>
    /// <param name="modified">The time to give it, in nanoseconds since 1970.</param>
    /// <param name="isWanted">False only sets the time of a folder that is there already.</param>
    public void AddFolder(string path, long? modified, bool isWanted)
    {
        if (isWanted && path.Length > 0)
        {
            MakeFolder(path);
        }

        if (modified is { } time && (path.Length == 0 || _folders.Contains(path)))
        {
            _times.Add((path, time));
        }
    }

    /// <summary>Plans a link.</summary>
    public void AddLink(string path, string target)
    {
        Take(path);
        foreach (string part in target.Split('/'))
        {
            if (part is not ("" or "." or "..") && rules.FindFault(part) is { } fault)
            {
                throw new ModelPackException(ModelPackError.Unsupported, $"the link '{path}' leads to '{target}', which {fault}");
            }
        }

        _links.Add((path, target));
    }

    /// <summary>Makes the links and sets the times; comes last.</summary>
    /// <exception cref="ModelPackException">A link would lead out of the folder.</exception>
    public void Finish()
    {
        Dictionary<string, string> links = new(rules.Comparer);
        _links.ForEach(link => links.Add(link.Path, link.Target));
        foreach ((string path, string target) in _links)
        {
            Check(path, target, links.GetValueOrDefault);
        }

        foreach ((string path, string target) in _links)
        {
            string native = target.Replace('/', Path.DirectorySeparatorChar);
            bool isToFolder = LinkPaths.Follow(path, target, links.GetValueOrDefault, out string end) == LinkEnd.Inside && Directory.Exists(FullPath(end));
            _ = isToFolder ? Directory.CreateSymbolicLink(FullPath(path), native) : File.CreateSymbolicLink(FullPath(path), native);
        }

        // Once more as the file system sees it: it may take names for the same that differ here.
        foreach ((string path, string target) in _links)
        {
            Check(path, target, TargetAt);
        }

        // A folder before the one that it lies in.
        foreach ((string path, long modified) in _times.OrderByDescending(static time => time.Path, StringComparer.Ordinal))
        {
            // As with all tools of this kind, a file system that keeps no such time is no reason to give up the rest.
            FileTimes.TrySetFolder(FullPath(path), modified);
        }
    }

    private static void Check(string path, string target, Func<string, string?> targetAt)
    {
        if (LinkPaths.Follow(path, target, targetAt, out _) != LinkEnd.Inside)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the link '{path}' leads to '{target}', outside the folder");
        }
    }

    private string? TargetAt(string path)
    {
        string full = FullPath(path);
        return FileStatus.Of(full, followLink: false).Type == FileType.Link ? LinkText.Read(full) : null;
    }

    /// <summary>Takes a place for something that is no folder, and makes the folders that it lies in.</summary>
    private string Take(string path)
    {
        CheckNames(path);
        if (path.LastIndexOf('/') is > 0 and int slash)
        {
            MakeFolder(path[..slash]);
        }

        if (!_taken.TryAdd(path, path))
        {
            throw IsTaken(path, $"'{_taken[path]}'");
        }

        return FullPath(path);
    }

    private void MakeFolder(string path)
    {
        if (_folders.Contains(path))
        {
            return;
        }

        CheckNames(path);
        if (path.LastIndexOf('/') is > 0 and int slash)
        {
            MakeFolder(path[..slash]);
        }

        if (!_taken.TryAdd(path, path))
        {
            throw IsTaken(path, $"'{_taken[path]}'");
        }

        string full = FullPath(path);
        if (FileStatus.Of(full, followLink: false).Type is not (FileType.Missing or FileType.Unknown))
        {
            throw IsTaken(path, "another");
        }

        Directory.CreateDirectory(full);
        _folders.Add(path);
    }

    private void CheckNames(string path)
    {
        foreach (string part in path.Split('/'))
        {
            if (rules.FindFault(part) is { } fault)
            {
                throw new ModelPackException(ModelPackError.Unsupported, $"the path '{path}' {fault}");
            }
        }

        // Whatever the rules may have missed.
        if (!Path.GetFullPath(FullPath(path)).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the path '{path}' leaves the folder");
        }
    }

    private string FullPath(string path) => path.Length == 0 ? root : Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));

    private static ModelPackException IsTaken(string path, string by) =>
        new(ModelPackError.Unsupported, $"the place of '{path}' is taken by {by}, which this system takes for the same or is no folder");
}
