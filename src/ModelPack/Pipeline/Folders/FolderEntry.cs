using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline.Folders;

/// <summary>A folder or a link to pack.</summary>
/// <param name="Path">Its path in the container; empty for the folder that is packed.</param>
/// <param name="Kind">Which of the two.</param>
/// <param name="Modified">Time of a folder's last modification in nanoseconds since 1970.</param>
/// <param name="Target">Where a link leads.</param>
/// <param name="IsNeeded">False for a folder that its files bring back anyway: it is there for its time alone.</param>
internal sealed record FolderEntry(string Path, EntryKind Kind, long? Modified, string Target, bool IsNeeded)
{
    public FileStart Describe(bool times)
    {
        var start = new FileStart { Path = Path, Kind = (uint)Kind, LinkTarget = Target };
        if (times && Modified is { } modified)
        {
            start.Modified = modified;
        }

        return start;
    }
}
