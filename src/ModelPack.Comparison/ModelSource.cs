using ModelPack.Container;
using ModelPack.Container.Parts;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;

namespace ModelPack.Comparison;

/// <summary>A model to look at: a file or a folder, plain or packed. Containers in a folder stand for what they restore.</summary>
internal sealed class ModelSource : IDisposable
{
    private readonly List<BaseLocation> _containers = [];

    private ModelSource(string path, PackInput input, bool isPacked)
    {
        Path = path;
        Input = input;
        IsPacked = isPacked;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Its files; those of a container are restored block by block as they are read.</summary>
    public PackInput Input { get; private set; }

    /// <summary>Whether the path is that of a container.</summary>
    public bool IsPacked { get; }

    /// <summary>What was not understood.</summary>
    public List<ModelPackWarning> Warnings { get; } = [];

    /// <exception cref="FileNotFoundException">There is nothing at that path.</exception>
    /// <exception cref="ModelPackException">The container there is damaged, or packed as a difference to a base.</exception>
    public static ModelSource Open(string path)
    {
        if (Directory.Exists(path))
        {
            var folder = new ModelSource(path, PackInput.FromPath(path), isPacked: false);
            folder.OpenContainers();
            return folder;
        }

        if (!IsContainer(path))
        {
            return new ModelSource(path, DataFiles.Along(PackInput.FromPath(path), path, target: null, new PackOptions(), CancellationToken.None), isPacked: false);
        }

        var location = new BaseLocation(path);
        try
        {
            ContainerContent content = location.IsFolder ? ContainerContent.Folder : ContainerContent.File;
            var source = new ModelSource(path, PackInput.FromFiles(content, [.. FilesOf(location, path, static inner => inner)]), isPacked: true);
            source._containers.Add(location);
            return source;
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
        _containers.ForEach(static container => container.Dispose());
    }

    /// <summary>Puts the files of each container of the folder in its place, below its path.</summary>
    private void OpenContainers()
    {
        List<PackInputFile> files = [];
        HashSet<string> opened = [];
        foreach (PackInputFile file in Input.Files)
        {
            // Parts come behind the list of them; where there is none, the first stands for all.
            bool isPart = PartNames.TryParse(file.Path, out string whole, out int number, out _) && PartSet.Find(FullPath(file.Path)) is not null;
            string path = isPart ? whole : file.Path;
            if (isPart && opened.Contains(whole))
            {
                continue;
            }

            if ((isPart ? number == 1 : MayBeContainer(FullPath(path))) && TryOpen(file.Path, path, files))
            {
                opened.Add(path);
            }
            else
            {
                files.Add(file);
            }
        }

        Input = opened.Count > 0 ? PackInput.FromFiles(ContainerContent.Folder, files) : Input;
    }

    private bool TryOpen(string part, string path, List<PackInputFile> files)
    {
        string full = FullPath(part);
        BaseLocation? location = null;
        try
        {
            location = new BaseLocation(full);
            PackInputFile[] inside = [.. FilesOf(location, full, inner => $"{path}/{inner}")];
            files.AddRange(inside);
            _containers.Add(location);
            return true;
        }
        catch (ModelPackException exception)
        {
            location?.Dispose();
            Warnings.Add(new ModelPackWarning(full, $"{exception.Reason}; measured as plain bytes", exception.Offset));
            return false;
        }
    }

    /// <summary>Whether a file is a container, or one whose parts are not all there.</summary>
    private static bool MayBeContainer(string path)
    {
        try
        {
            return IsContainer(path);
        }
        catch (ModelPackException)
        {
            return true;
        }
    }

    private string FullPath(string path) => System.IO.Path.Combine(Path, path.Replace('/', System.IO.Path.DirectorySeparatorChar));

    private static IEnumerable<PackInputFile> FilesOf(BaseLocation location, string path, Func<string, string> place)
    {
        foreach (LocatedFile file in location.List())
        {
            using ByteSource source = file.Open();
            yield return new PackInputFile(place(file.Path), file.Open, source.Length, () => File.Exists(path) ? FileStamp.Of(path) : default);
        }
    }

    private static bool IsContainer(string path)
    {
        if (!File.Exists(path) && PartSet.Find(path) is null)
        {
            return false;
        }

        using ByteSource source = PackedPath.Open(path);
        return ContainerHeader.HasMagic(source);
    }
}
