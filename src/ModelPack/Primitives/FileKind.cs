namespace ModelPack.Primitives;

/// <summary>Tells regular files from pipes and devices without opening them: opening one may block or have effects.</summary>
internal static class FileKind
{
    /// <summary>True for a regular file, links followed; also where it cannot be told.</summary>
    public static bool IsRegular(string path) => FileStatus.Of(path, followLink: true).Type is FileType.Regular or FileType.Missing or FileType.Unknown;

    /// <exception cref="ModelPackException">There is a pipe, a device or a folder at that path.</exception>
    public static void RequireRegular(string path)
    {
        if (!IsRegular(path))
        {
            throw NotRegular(path);
        }
    }

    public static ModelPackException NotRegular(string path) =>
        new(ModelPackError.InvalidRequest, "is not a regular file; a pipe can be read through standard input (-)", path);
}
