using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.External;

/// <summary>
/// Restores a model and its data files into a folder that is there already. All is restored into a hidden folder inside it
/// first; then the files are moved to their places, the model itself last, so that it never stands there without its data. When
/// one cannot be moved, those before it are moved back.
/// </summary>
internal static class BesideRestore
{
    private static readonly EnumerationOptions AllFiles = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public static UnpackResult Run(
        string packed, string folder, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: no such folder");
        }

        string root = RealPath.Of(folder);
        string leading = CheckTargets(packed, root, options.Overwrite);
        string staging = AtomicFile.TemporaryName(Path.Combine(root, Path.GetFileName(leading)));
        try
        {
            UnpackResult result = Unpack(packed, staging, options, progress, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            Move(staging, root, leading, options.Overwrite);
            return result;
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private static UnpackResult Unpack(string packed, string staging, UnpackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        using Stream stream = ContainerFile.OpenSequential(packed);
        return UnpackPipeline.ToPath(stream, packed, staging, options with { Overwrite = false }, progress, cancellationToken);
    }

    /// <summary>Looks, before anything is written, whether each file can go where it belongs, and returns the path of the model.</summary>
    private static string CheckTargets(string packed, string root, bool overwrite)
    {
        using var container = ContainerFile.Open(packed);
        string? leading = container.Index.Files.FirstOrDefault(static file => file.IsLeading)?.Path;
        if (leading is null)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "holds no model with its data files; name the target", packed);
        }

        string realPacked = RealPath.Of(packed);
        foreach (IndexedFile file in container.Index.Files)
        {
            string target = Path.Combine(root, file.Path.Replace('/', Path.DirectorySeparatorChar));
            RequireRoom(target, root, overwrite);
            if (RealPath.Of(target) == realPacked)
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, $"file '{file.Path}' would replace the container itself", packed);
            }
        }

        return leading;
    }

    private static void RequireRoom(string target, string root, bool overwrite)
    {
        if (!overwrite && new FileInfo(target) is { Exists: true } or { LinkTarget: not null })
        {
            throw AtomicFile.ExistsAlready(target);
        }

        if (Directory.Exists(target))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a folder, a file was to be written there", target);
        }

        string parent = Path.GetDirectoryName(target)!;
        if (parent != root && !RealPath.IsInside(RealPath.Of(parent), root))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a link out of the folder that was to be written to", parent);
        }
    }

    private static void Move(string staging, string root, string leading, bool overwrite)
    {
        string old = Path.Combine(staging, $".old-{Guid.NewGuid():N}");
        string[] files =
        [
            .. Directory.EnumerateFiles(staging, "*", AllFiles)
                .Select(file => Path.GetRelativePath(staging, file))
                .OrderBy(file => file.Replace(Path.DirectorySeparatorChar, '/') == leading)
                .ThenBy(static file => file, StringComparer.Ordinal),
        ];
        var undo = new Stack<Action>();
        try
        {
            foreach (string file in files)
            {
                string target = Path.Combine(root, file);
                RequireRoom(target, root, overwrite);
                CreateFolder(Path.GetDirectoryName(target)!, undo);
                string staged = Path.Combine(staging, file);
                if (overwrite && File.Exists(target) && Renaming.TryExchange(staged, target))
                {
                    undo.Push(() => Renaming.TryExchange(staged, target));
                    continue;
                }

                if (overwrite && File.Exists(target))
                {
                    string aside = Path.Combine(old, file);
                    Directory.CreateDirectory(Path.GetDirectoryName(aside)!);
                    File.Move(target, aside);
                    undo.Push(() => File.Move(aside, target));
                }

                Renaming.Move(staged, target, overwrite: false);
                undo.Push(() => File.Delete(target));
            }
        }
        catch
        {
            while (undo.TryPop(out Action? step))
            {
                step();
            }

            throw;
        }
    }

    private static void CreateFolder(string folder, Stack<Action> undo)
    {
        if (!Directory.Exists(folder))
        {
            CreateFolder(Path.GetDirectoryName(folder)!, undo);
            Directory.CreateDirectory(folder);
            undo.Push(() => Directory.Delete(folder));
        }
    }
}
