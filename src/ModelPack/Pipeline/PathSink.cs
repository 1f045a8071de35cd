using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Restores a file container to a file and a folder container to a folder; the target appears when all is complete.</summary>
internal sealed class PathSink(string target, bool overwrite, bool flushToDisk) : IUnpackSink
{
    private AtomicFile? _file;
    private AtomicFolder? _folder;
    private FileStream? _current;

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

    public void BeginFile(FileStart start) => _current = _file?.Stream ?? _folder!.CreateFile(start.Path);

    public void Write(ReadOnlySpan<byte> bytes) => _current!.Write(bytes);

    public void EndFile(FileEnd end)
    {
        if (_folder is not null)
        {
            _current!.Flush(flushToDisk);
            _current.Dispose();
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
}
