using System.Text;
using ModelPack.Container.Wire;

namespace ModelPack.Container;

/// <summary>What each entry of a container must keep to by itself (FORMAT.md, "Entries").</summary>
internal static class EntryRules
{
    /// <summary>Says what is wrong with the start of an entry, or null when it is sound.</summary>
    /// <param name="start">The message as read.</param>
    /// <param name="content">What the container restores to.</param>
    /// <param name="features">Its required features: only with <see cref="ContainerFeatures.Tree"/> there are folders and links.</param>
    public static string? FindFault(FileStart start, ContainerContent content, ContainerFeatures features)
    {
        if (start.Kind > (uint)EntryKind.Link)
        {
            return $"is of kind {start.Kind}, which this program does not know";
        }

        var kind = (EntryKind)start.Kind;
        bool hasMore = kind == EntryKind.File
            ? start.LinkTarget.Length > 0
            : start.Length > 0 || start.Format != 0 || start.HasSha256 || start.IsExecutable || (kind == EntryKind.Folder ? start.LinkTarget.Length > 0 : start.HasModified);
        if (hasMore)
        {
            return $"is a {Name(kind)} and has what only another kind has";
        }

        if (kind != EntryKind.File && ((features & ContainerFeatures.Tree) == 0 || content != ContainerContent.Folder))
        {
            return $"is a {Name(kind)}, where only files can be";
        }

        // The folder itself.
        if (kind == EntryKind.Folder && start.Path.Length == 0)
        {
            return null;
        }

        return ContainerPath.FindFault(start.Path, content) ?? (kind == EntryKind.Link ? FindLinkFault(start) : null);
    }

    /// <summary>Says what is wrong with the target of a link by itself, or null when it is sound.</summary>
    public static string? FindTargetFault(string target)
    {
        if (target.Length == 0 || Encoding.UTF8.GetByteCount(target) > ContainerLimits.MaxLinkLength)
        {
            return $"leads to a path of {Encoding.UTF8.GetByteCount(target)} bytes, must be 1 to {ContainerLimits.MaxLinkLength}";
        }

        return target.Contains('\0', StringComparison.Ordinal) ? "leads to a path with a zero character"
            : target[0] == '/' ? $"leads to '{target}', which is absolute"
            : null;
    }

    private static string? FindLinkFault(FileStart start) =>
        Encoding.UTF8.GetByteCount(start.Path) > ContainerLimits.MaxLinkLength ? $"is a link and longer than {ContainerLimits.MaxLinkLength} bytes"
            : FindTargetFault(start.LinkTarget);

    private static string Name(EntryKind kind) => kind switch
    {
        EntryKind.File => "file",
        EntryKind.Folder => "folder",
        _ => "link",
    };
}
