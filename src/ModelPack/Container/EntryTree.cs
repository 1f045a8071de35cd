namespace ModelPack.Container;

/// <summary>What the entries of a container must keep to together where some are folders or links (FORMAT.md, "Entries").</summary>
internal static class EntryTree
{
    /// <summary>Says what is wrong with the entries, or null when each has its place and no link leads out.</summary>
    /// <param name="entries">The entries; each is sound by itself.</param>
    public static string? FindFault(IReadOnlyCollection<Wire.FileStart> entries)
    {
        string[] paths = [.. entries.Select(static entry => entry.Path).Order(StringComparer.Ordinal)];
        for (int i = 1; i < paths.Length; i++)
        {
            if (paths[i] == paths[i - 1])
            {
                return $"'{paths[i]}' is there twice";
            }
        }

        foreach (Wire.FileStart entry in entries.Where(static entry => entry.Kind != (uint)EntryKind.Folder))
        {
            string start = entry.Path + "/";
            int inside = ~Array.BinarySearch(paths, start, StringComparer.Ordinal);
            if (inside < paths.Length && paths[inside].StartsWith(start, StringComparison.Ordinal))
            {
                return $"'{paths[inside]}' stands inside '{entry.Path}', which is no folder";
            }
        }

        var links = entries.Where(static entry => entry.Kind == (uint)EntryKind.Link).ToDictionary(static link => link.Path, static link => link.LinkTarget, StringComparer.Ordinal);
        if (links.Count > ContainerLimits.MaxLinks)
        {
            return $"there are {links.Count} links, at most {ContainerLimits.MaxLinks} can be";
        }

        foreach ((string path, string target) in links)
        {
            LinkEnd end = LinkPaths.Follow(path, target, links.GetValueOrDefault, out _);
            if (end != LinkEnd.Inside)
            {
                return $"the link '{path}' leads to '{target}', {(end == LinkEnd.Loop ? "and back to itself or too far" : "outside the folder")}";
            }
        }

        return null;
    }
}
