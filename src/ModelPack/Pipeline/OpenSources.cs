using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Files that are read now and then: the few used last stay open, for a process may have only so many open.</summary>
internal sealed class OpenSources(IReadOnlyList<SurveyedFile> files) : IDisposable
{
    private const int MostOpen = 8;

    private readonly List<(int File, ByteSource Source)> _open = [];

    /// <summary>The source of a file; sound until seven others have been asked for.</summary>
    public ByteSource Get(int file)
    {
        int found = _open.FindIndex(entry => entry.File == file);
        ByteSource source;
        if (found >= 0)
        {
            source = _open[found].Source;
            _open.RemoveAt(found);
        }
        else
        {
            if (_open.Count == MostOpen)
            {
                _open[0].Source.Dispose();
                _open.RemoveAt(0);
            }

            source = files[file].Open();
        }

        _open.Add((file, source));
        return source;
    }

    public void Dispose() => _open.ForEach(static entry => entry.Source.Dispose());
}
