using ModelPack.Cli.Streams;

namespace ModelPack.Cli;

/// <summary>What is refused before anything is read or written.</summary>
internal static class PathChecks
{
    private static readonly StringComparison Comparison =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <exception cref="UsageException">The path is a folder.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static void RequireContainer(string path)
    {
        if (path == StandardStreams.Name)
        {
            return;
        }

        if (Directory.Exists(path))
        {
            throw new UsageException($"{path}: is a folder, not a container");
        }

        if (!File.Exists(path) && !PartPaths.HaveParts(path))
        {
            throw new FileNotFoundException($"{path}: no such file", path);
        }
    }

    /// <exception cref="UsageException">Writing the target would replace the source or change the folder that is read.</exception>
    public static void RequireApart(string source, string target)
    {
        if (source == StandardStreams.Name || target == StandardStreams.Name)
        {
            return;
        }

        string from = Resolve(source);
        string to = Resolve(target);
        if (string.Equals(from, to, Comparison))
        {
            throw new UsageException($"{target}: is both source and target");
        }

        if (Directory.Exists(from) && IsInside(to, from))
        {
            throw new UsageException($"{target}: lies inside the folder {source}, which is to be packed");
        }

        // An existing folder is replaced as a whole.
        if (Directory.Exists(to) && (IsInside(from, to) || IsInside(Path.Combine(Resolve("."), "x"), to)))
        {
            throw new UsageException($"{target}: holds the source or the current folder and cannot be replaced");
        }
    }

    private static bool IsInside(string path, string folder) => path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, Comparison);

    /// <summary>The full path with every link on the way replaced by what it points to.</summary>
    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string resolved = Path.GetPathRoot(full) ?? "";
        foreach (string part in full[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            resolved = Path.Combine(resolved, part);
            if (Path.Exists(resolved) && File.ResolveLinkTarget(resolved, returnFinalTarget: true) is { } target)
            {
                resolved = target.FullName;
            }
        }

        return resolved;
    }
}
