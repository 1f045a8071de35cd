using System.Text;

namespace ModelPack.Container;

/// <summary>The rules for paths inside a container (FORMAT.md, "Paths").</summary>
internal static class ContainerPath
{
    /// <summary>Says what is wrong with a path, or null when it is sound.</summary>
    /// <param name="path">The path as stored.</param>
    /// <param name="content">A file container holds one plain name or an empty path, a folder container relative paths.</param>
    public static string? FindFault(string path, ContainerContent content)
    {
        if (path.Length == 0)
        {
            return content == ContainerContent.File ? null : "is empty";
        }

        if (Encoding.UTF8.GetByteCount(path) > ContainerLimits.MaxPathLength)
        {
            return $"is longer than {ContainerLimits.MaxPathLength} bytes";
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return "contains a zero character";
        }

        string[] parts = path.Split('/');
        if (content == ContainerContent.File && parts.Length > 1)
        {
            return "has several parts in a container of one file";
        }

        return Array.Exists(parts, static part => part is "" or "." or "..") ? "is not a plain relative path" : null;
    }
}
