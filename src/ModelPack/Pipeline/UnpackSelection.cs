using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Which entries of a container to restore.</summary>
/// <param name="filter">Patterns; null selects all.</param>
/// <param name="files">Paths of files, each of which must be there; when there are some, they alone count.</param>
internal sealed class UnpackSelection(PathFilter? filter, IReadOnlyCollection<string> files)
{
    private readonly HashSet<string> _missing = [.. files];
    private bool _any;

    /// <summary>Asks about an entry; each is asked about once.</summary>
    public bool Selects(FileStart entry)
    {
        bool isFile = (EntryKind)entry.Kind == EntryKind.File;
        if (files.Count > 0)
        {
            return isFile && _missing.Remove(entry.Path);
        }

        // A folder's own time comes back with whatever is in it.
        bool isSelected = filter?.Selects((EntryKind)entry.Kind == EntryKind.Folder ? entry.Path + "/" : entry.Path) != false;
        _any |= isSelected && entry.Path.Length > 0;
        return isSelected;
    }

    /// <summary>Asks again, without notes.</summary>
    public bool Contains(string file) => files.Count > 0 ? files.Contains(file) : filter?.Selects(file) != false;

    /// <exception cref="ModelPackException">Something that was named is not there, or nothing was selected.</exception>
    public void CheckFound()
    {
        if (_missing.Count > 0)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"there is no file '{_missing.Order(StringComparer.Ordinal).First()}'");
        }

        if (filter is not null && files.Count == 0 && !_any)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "has no file that the patterns select");
        }
    }
}
