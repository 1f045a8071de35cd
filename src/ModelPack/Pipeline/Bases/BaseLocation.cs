using ModelPack.Container;
using ModelPack.Container.Parts;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;
using ModelPack.Reading;

namespace ModelPack.Pipeline.Bases;

/// <summary>A file that a base may have.</summary>
/// <param name="Path">Relative path in the base with <c>/</c> between its parts.</param>
/// <param name="Open">Opens it.</param>
internal sealed record LocatedFile(string Path, Func<ByteSource> Open);

/// <summary>Where a base model lies: a file, a folder, or a container of either.</summary>
internal sealed class BaseLocation : IDisposable
{
    private readonly ContainerFile? _container;
    private readonly BlockStore? _blocks;
    private readonly Lazy<IReadOnlyList<(string Path, string FullPath)>> _dataFiles;

    /// <exception cref="FileNotFoundException">There is nothing at that path.</exception>
    /// <exception cref="ModelPackException">The container there is damaged, or itself a difference to a base.</exception>
    public BaseLocation(string path)
    {
        Path = path;
        _dataFiles = new(() => DataFiles.Find(Path, Name, CancellationToken.None));
        IsFolder = Directory.Exists(path);
        if (IsFolder)
        {
            return;
        }

        if (!File.Exists(path) && PartSet.Find(path) is null)
        {
            throw new FileNotFoundException($"{path}: no such file or folder", path);
        }

        _container = OpenContainer(path);
        _blocks = _container is null ? null : new BlockStore(_container, bases: null, OpenOptions.DefaultCacheLength);
    }

    public string Path { get; }

    /// <summary>The last part of the path.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>True when the base may have several files.</summary>
    public bool IsFolder { get; private set; }

    /// <summary>All files, in the same order everywhere.</summary>
    public IReadOnlyList<LocatedFile> List()
    {
        if (_blocks is not null)
        {
            return [.. _blocks.Container.Index.Files.Select(file => new LocatedFile(file.Path.Length > 0 ? file.Path : Name, () => new PackedFileSource(_blocks, file)))];
        }

        if (!IsFolder)
        {
            // An ONNX model has its data files beside it.
            return
            [
                new LocatedFile(Name, () => ByteSource.OpenFile(Path)),
                .. _dataFiles.Value.Select(static file => new LocatedFile(file.Path, () => ByteSource.OpenFile(file.FullPath))),
            ];
        }

        // Links are followed: model caches hold their files as links.
        IEnumerable<string> paths = Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
            .Where(FileKind.IsRegular)
            .Select(file => System.IO.Path.GetRelativePath(Path, file).Replace(System.IO.Path.DirectorySeparatorChar, '/'));
        return [.. paths.Order(StringComparer.Ordinal).Select(path => new LocatedFile(path, () => ByteSource.OpenFile(System.IO.Path.Combine(Path, path))))];
    }

    /// <summary>Finds a file by the path that a container has recorded; null when it is not there.</summary>
    public LocatedFile? Find(string path)
    {
        if (_container is null && IsFolder)
        {
            string full = System.IO.Path.Combine(Path, path);
            return File.Exists(full) ? new LocatedFile(path, () => ByteSource.OpenFile(full)) : null;
        }

        return List().FirstOrDefault(file => file.Path == path);
    }

    /// <summary>The time of the last change of a file of the base.</summary>
    public DateTime Stamp(string path) => File.GetLastWriteTimeUtc(
        _container is not null ? Path
        : IsFolder ? System.IO.Path.Combine(Path, path)
        : _dataFiles.Value.Where(file => file.Path == path).Select(static file => file.FullPath).FirstOrDefault(Path));

    public void Dispose() => _container?.Dispose();

    private ContainerFile? OpenContainer(string path)
    {
        using (ByteSource source = PackedPath.Open(path))
        {
            if (!ContainerHeader.HasMagic(source))
            {
                return null;
            }
        }

        var container = ContainerFile.Open(path);
        if (container.Index.Base is not null)
        {
            container.Dispose();
            throw new ModelPackException(ModelPackError.InvalidRequest, "is itself packed as a difference to a base; unpack it first", path);
        }

        IsFolder = container.Content == ContainerContent.Folder;
        return container;
    }
}
