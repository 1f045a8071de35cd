namespace ModelPack.Primitives;

/// <summary>Paths with every link replaced by what it points to. Nothing is opened.</summary>
internal static class RealPath
{
    // As the kernel has it: path_resolution(7).
    private const int MostLinks = 40;

    /// <summary>The real path; parts that do not exist are kept as they are.</summary>
    /// <exception cref="IOException">There are too many links on the way, as in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full) ?? "";
        var pending = new Stack<string>(Parts(full[root.Length..]));
        string resolved = root;
        int links = 0;
        while (pending.TryPop(out string? part))
        {
            if (part == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? root;
                continue;
            }

            string next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: too many links on the way");
            }

            // The target may itself lead through links, and its ".." counts from where those end.
            if (Path.IsPathRooted(target))
            {
                root = Path.GetPathRoot(target)!;
                resolved = root;
                target = target[root.Length..];
            }

            foreach (string inner in Parts(target))
            {
                pending.Push(inner);
            }
        }

        return resolved;
    }

    /// <summary>True when a real path lies in a real folder.</summary>
    public static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, Comparison);

    private static StringComparison Comparison { get; } =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    // Last part first, as a stack wants them.
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(static part => part != ".").Reverse();
}
