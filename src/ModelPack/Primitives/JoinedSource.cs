using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>A file of a <see cref="JoinedSource"/>.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Length">Bytes that it stands for.</param>
/// <param name="Available">Bytes of them that are there, from its start on.</param>
internal readonly record struct JoinedFile(string Path, long Length, long Available);

/// <summary>Files that are read as if they were one, in this order. Few are open at a time, for a process may have only so many open.</summary>
internal sealed class JoinedSource : ByteSource
{
    private const int MostOpen = 16;

    private readonly JoinedFile[] _files;
    private readonly long[] _starts;
    private readonly List<(int File, SafeFileHandle Handle)> _open = [];

    public JoinedSource(string name, IReadOnlyList<JoinedFile> files)
    {
        Name = name;
        _files = [.. files];
        _starts = new long[_files.Length + 1];
        for (int i = 0; i < _files.Length; i++)
        {
            _starts[i + 1] = _starts[i] + _files[i].Length;
        }
    }

    public override string Name { get; }

    public override long Length => _starts[^1];

    public override (string Name, long Offset) Locate(long offset)
    {
        int file = FindFile(offset);
        return (_files[file].Path, offset - _starts[file]);
    }

    public override long NextReadable(long offset)
    {
        for (int file = FindFile(offset); file < _files.Length; file++)
        {
            long at = Math.Max(offset, _starts[file]);
            if (at < _starts[file] + _files[file].Available)
            {
                return at;
            }
        }

        return Length;
    }

    public override long ReadableEnd(long offset)
    {
        int file = FindFile(offset);
        while (_files[file].Available == _files[file].Length && file < _files.Length - 1)
        {
            file++;
        }

        return _starts[file] + _files[file].Available;
    }

    /// <summary>Bytes that are there.</summary>
    public long AvailableLength => _files.Sum(static file => file.Available);

    /// <exception cref="ModelPackException">The bytes lie in what is not there.</exception>
    public override void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw new EndOfStreamException($"{Name}: has {Length} bytes, {destination.Length} were asked for at offset {offset}");
        }

        while (!destination.IsEmpty)
        {
            int file = FindFile(offset);
            int length = (int)Math.Min(destination.Length, _starts[file + 1] - offset);
            ReadFrom(file, offset - _starts[file], destination[..length]);
            offset += length;
            destination = destination[length..];
        }
    }

    public override void Dispose()
    {
        lock (_open)
        {
            _open.ForEach(static entry => entry.Handle.Dispose());
            _open.Clear();
        }

        base.Dispose();
    }

    private int FindFile(long offset)
    {
        int found = Array.BinarySearch(_starts, offset);
        int file = Math.Min(found >= 0 ? found : ~found - 1, _files.Length - 1);

        // Of files that start there, all but the last are empty.
        while (file < _files.Length - 1 && _starts[file + 1] <= offset)
        {
            file++;
        }

        return file;
    }

    private void ReadFrom(int file, long offset, Span<byte> destination)
    {
        JoinedFile part = _files[file];
        if (part.Available < offset + destination.Length)
        {
            string reason = part.Available == 0 ? "is missing" : $"has {part.Available} of {part.Length} bytes";
            throw new ModelPackException(ModelPackError.Corrupt, reason, part.Path, Math.Max(offset, part.Available));
        }

        SafeFileHandle handle = Rent(file);
        try
        {
            while (!destination.IsEmpty)
            {
                int read = Read(handle, destination, offset, part.Path);
                if (read == 0)
                {
                    throw new EndOfStreamException($"{part.Path}: ends at offset {offset}, but {part.Available} bytes were there when it was opened");
                }

                offset += read;
                destination = destination[read..];
            }
        }
        finally
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>A handle that stays open until it is released, though others push it out of the list.</summary>
    private SafeFileHandle Rent(int file)
    {
        lock (_open)
        {
            int found = _open.FindIndex(entry => entry.File == file);
            SafeFileHandle handle = found >= 0
                ? _open[found].Handle
                : File.OpenHandle(_files[file].Path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (found >= 0)
            {
                _open.RemoveAt(found);
            }
            else if (_open.Count == MostOpen)
            {
                _open[0].Handle.Dispose();
                _open.RemoveAt(0);
            }

            _open.Add((file, handle));
            bool added = false;
            handle.DangerousAddRef(ref added);
            return handle;
        }
    }
}
