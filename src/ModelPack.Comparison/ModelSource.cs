using ModelPack.Container;
using ModelPack.Container.Parts;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;

namespace ModelPack.Comparison;

/// <summary>A model to look at: a file or a folder, plain or packed.</summary>
internal sealed class ModelSource : IDisposable
{
    private readonly BaseLocation? _container;

    private ModelSource(string path, PackInput input, BaseLocation? container)
    {
        Path = path;
        Input = input;
        _container = container;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Its files; those of a container are restored block by block as they are read.</summary>
    public PackInput Input { get; }

    public bool IsPacked => _container is not null;

    /// <exception cref="FileNotFoundException">There is nothing at that path.</exception>
    /// <exception cref="ModelPackException">The container there is damaged, or packed as a difference to a base.</exception>
    public static ModelSource Open(string path)
    {
        if (!IsContainer(path))
        {
            return new ModelSource(path, DataFiles.Along(PackInput.FromPath(path), path, target: null, new PackOptions(), CancellationToken.None), null);
        }

        var location = new BaseLocation(path);
        try
        {
            PackInputFile[] files = [.. location.List().Select(file => new PackInputFile(file.Path, file.Open, LengthOf(file), () => File.Exists(path) ? FileStamp.Of(path) : default))];
            return new ModelSource(path, PackInput.FromFiles(location.IsFolder ? ContainerContent.Folder : ContainerContent.File, files), location);
        }
        catch
        {
            location.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Input.Dispose();
        _container?.Dispose();
    }

    private static long LengthOf(LocatedFile file)
    {
        using ByteSource source = file.Open();
        return source.Length;
    }

    private static bool IsContainer(string path)
    {
        if (!File.Exists(path) && (Directory.Exists(path) || PartSet.Find(path) is null))
        {
            return false;
        }

        using ByteSource source = PackedPath.Open(path);
        return ContainerHeader.HasMagic(source);
    }
}
