namespace ModelPack.Primitives;

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>
    /// The full path with every link on the way replaced by what it leads to, as the system follows them: <c>..</c> leaves
    /// what a link leads to, not the folder of the link. Parts that are not there stay.
    /// </summary>
    /// <exception cref="IOException">There are too many links on the way, as in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full) ?? "";
        var ahead = new Stack<string>(Parts(full[real.Length..]));
        for (int links = 0; ahead.TryPop(out string? part);)
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string there = Path.Combine(real, part);
            if (FileStatus.Of(there, followLink: false).Type != FileType.Link)
            {
                real = there;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: too many links on the way");
            }

            string target = LinkText.Read(there);
            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(Path.GetFullPath(target))!;
                target = target[Path.GetPathRoot(target)!.Length..];
            }

            foreach (string step in Parts(target))
            {
                ahead.Push(step);
            }
        }

        return real;
    }

    /// <summary>True when a real path lies in a real folder.</summary>
    public static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, Comparison);

    private static StringComparison Comparison { get; } =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The parts, the first last.</summary>
    private static IEnumerable<string> Parts(string path) => path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse();
}
