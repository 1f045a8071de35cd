using Microsoft.Win32.SafeHandles;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Restores a file container to a file and a folder container to a folder; the target appears when all is complete.</summary>
internal sealed class PathSink(string target, bool overwrite, bool flushToDisk) : IUnpackSink
{
    private AtomicFile? _file;
    private AtomicFolder? _folder;
    private WrittenFile? _current;
    private FileStart _start = new();

    public void Begin(ContainerContent content)
    {
        if (content == ContainerContent.File)
        {
            _file = AtomicFile.Create(target, overwrite, flushToDisk);
        }
        else
        {
            _folder = AtomicFolder.Create(target, overwrite);
        }
    }

    public void BeginFile(FileStart start)
    {
        _start = start;
        _current = _file?.Stream ?? _folder!.CreateFile(start.Path);
    }

    public void Write(ReadOnlySpan<byte> bytes) => _current!.Write(bytes);

    public void EndFile(FileEnd end)
    {
        if (_folder is not null && flushToDisk)
        {
            _current!.FlushToDevice();
        }

        SetAttributes(_current!.Handle);
        if (_folder is not null)
        {
            _current.Dispose();
        }
    }

    public void AddEntry(FileStart entry, bool isSelected)
    {
        if ((EntryKind)entry.Kind == EntryKind.Link)
        {
            _folder!.Tree.AddLink(entry.Path, entry.LinkTarget);
        }
        else
        {
            _folder!.Tree.AddFolder(entry.Path, entry.HasModified ? entry.Modified : null, isSelected);
        }
    }

    public void Commit(CancellationToken cancellationToken)
    {
        _file?.Commit(cancellationToken);
        _folder?.Commit(cancellationToken);
    }

    public void Dispose()
    {
        _current?.Dispose();
        _file?.Dispose();
        _folder?.Dispose();
    }

    private void SetAttributes(SafeFileHandle file)
    {
        if (_start.IsExecutable && !OperatingSystem.IsWindows())
        {
            SetExecutable(file);
        }

        if (_start.HasModified)
        {
            // A file system that keeps no such time is no reason to give up the bytes.
            FileTimes.TrySet(file, _start.Modified);
        }
    }

    /// <summary>Lets those execute the file who may read it, as the process's mask of modes has it.</summary>
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void SetExecutable(SafeFileHandle file)
    {
        const UnixFileMode Readers = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        UnixFileMode mode = File.GetUnixFileMode(file);
        try
        {
            // The bit for executing stands two below that for reading.
            File.SetUnixFileMode(file, mode | (UnixFileMode)((int)(mode & Readers) >> 2));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file system without modes, as above.
        }
    }
}
