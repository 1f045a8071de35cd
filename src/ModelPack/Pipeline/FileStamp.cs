using ModelPack.Container.Wire;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>What a container records of a file besides its bytes; also tells whether it was changed while it was packed.</summary>
/// <param name="Modified">Time of the last modification in nanoseconds since 1970; null for what has none.</param>
/// <param name="IsExecutable">Whether its owner may execute it.</param>
internal readonly record struct FileStamp(long? Modified, bool IsExecutable)
{
    public static FileStamp Of(string path, bool followLink = true)
    {
        FileStatus status = FileStatus.Of(path, followLink);
        return new FileStamp(status.Modified, status.IsExecutable);
    }

    /// <summary>Records it.</summary>
    /// <param name="start">The message to record it in.</param>
    /// <param name="times">Whether to record the time, too.</param>
    public void WriteTo(FileStart start, bool times)
    {
        start.IsExecutable = IsExecutable;
        if (times && Modified is { } modified)
        {
            start.Modified = modified;
        }
    }
}
