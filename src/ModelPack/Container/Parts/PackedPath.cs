using ModelPack.Primitives;

namespace ModelPack.Container.Parts;

/// <summary>A path that stands for a container: a file, or parts of one.</summary>
internal static class PackedPath
{
    /// <summary>Opens a container for reading at any offset; parts are read as one.</summary>
    /// <exception cref="ModelPackException">A part is missing or is another, or there is something else than a regular file.</exception>
    public static ByteSource Open(string path)
    {
        if (PartSet.Find(path) is not { } parts)
        {
            return ByteSource.OpenFile(path);
        }

        ByteSource source = parts.Open();
        if (parts.Faults is [PartFault first, ..])
        {
            source.Dispose();
            string more = parts.Faults.Count == 1 ? "" : $"; {parts.Faults.Count - 1} more parts are missing or wrong (verify lists them)";
            throw new ModelPackException(ModelPackError.Corrupt, first.Reason + more, first.Path, first.Offset);
        }

        return source;
    }

    /// <summary>Opens a container for reading front to back; parts are read as one.</summary>
    /// <exception cref="ModelPackException">A part is missing or is another, or there is something else than a regular file.</exception>
    public static Stream OpenSequential(string path)
    {
        if (PartSet.Find(path) is not null)
        {
            return new SourceStream(Open(path));
        }

        FileKind.RequireRegular(path);
        return new SourceStream(ByteSource.FromHandle(File.OpenHandle(path, options: FileOptions.SequentialScan), path, ownsHandle: true));
    }
}
