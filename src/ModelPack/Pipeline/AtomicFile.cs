using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>
/// A file that appears under its name only when it is complete: written under a temporary name in the same folder,
/// flushed to the device, then renamed. Disposing without <see cref="Commit"/> removes it and leaves an existing target
/// as it was.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private readonly bool _overwrite;
    private readonly bool _flushToDisk;
    private bool _committed;

    private AtomicFile(string target, string temporary, bool overwrite, bool flushToDisk, WrittenFile stream)
    {
        _target = target;
        _temporary = temporary;
        _overwrite = overwrite;
        _flushToDisk = flushToDisk;
        Stream = stream;
    }

    /// <summary>Where the content goes.</summary>
    public WrittenFile Stream { get; }

    /// <exception cref="ModelPackException">The target exists and may not be replaced, or is a folder.</exception>
    /// <exception cref="IOException">The folder is missing or not writable.</exception>
    public static AtomicFile Create(string target, bool overwrite, bool flushToDisk)
    {
        string path = Path.GetFullPath(target);
        if (Directory.Exists(path))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a folder, a file was to be written there", target);
        }

        if (!overwrite && File.Exists(path))
        {
            throw ExistsAlready(target);
        }

        string temporary = TemporaryName(path);
        return new AtomicFile(path, temporary, overwrite, flushToDisk, new WrittenFile(temporary));
    }

    /// <summary>A name beside the target that no other process picks.</summary>
    public static string TemporaryName(string path) =>
        Path.Combine(Path.GetDirectoryName(path) ?? ".", $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.mpk-tmp");

    public static ModelPackException ExistsAlready(string target) =>
        new(ModelPackError.InvalidRequest, "exists already; it is replaced only when asked to (--force)", target);

    /// <summary>Makes the file visible under its name.</summary>
    public void Commit(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_flushToDisk)
        {
            Stream.FlushToDevice();
        }

        Stream.Dispose();
        try
        {
            Renaming.Move(_temporary, _target, _overwrite);
        }
        catch (IOException) when (!_overwrite && File.Exists(_target))
        {
            // Somebody else made it since Create looked.
            throw ExistsAlready(_target);
        }

        _committed = true;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_committed)
        {
            File.Delete(_temporary);
        }
    }
}
