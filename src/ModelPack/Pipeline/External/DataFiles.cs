using System.Collections.Immutable;
using ModelPack.Container;
using ModelPack.Formats;
using ModelPack.Formats.Onnx;
using ModelPack.Pipeline.Hub;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.External;

/// <summary>Finds the data files that an ONNX model takes along when it is packed from its path.</summary>
internal static class DataFiles
{
    /// <summary>Adds the data files to a pack of one file; any other pack stays as it is.</summary>
    /// <param name="input">What is to be packed.</param>
    /// <param name="source">Its path.</param>
    /// <param name="target">Where the container goes, if to a file.</param>
    /// <param name="options">Whether external data is used.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">
    /// The model names a file outside its folder, or a pipe, a device or a folder; or the target is one of the data files.
    /// </exception>
    public static PackInput Along(PackInput input, string source, string? target, PackOptions options, CancellationToken cancellationToken)
    {
        if (input.Content != ContainerContent.File || !options.ExternalData)
        {
            return input;
        }

        try
        {
            if (Read(source, cancellationToken) is not { } model)
            {
                return input;
            }

            List<PackInputFile> companions =
            [
                .. Find(source, input.Files[0].Path, model.Format.Map.ExternalReferences, cancellationToken)
                    .Select(static file => PackInput.FromFile(file.Path, file.FullPath)),
            ];
            RequireApart(companions, target, Path.GetDirectoryName(Path.GetFullPath(source))!);
            return input.With(companions, model);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>The data files that a file names, if it is an ONNX model: those that exist, each once.</summary>
    /// <param name="source">Path of the file.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Paths relative to the model's folder with <c>/</c> between their parts, and full paths.</returns>
    public static IReadOnlyList<(string Path, string FullPath)> Find(string source, string name, CancellationToken cancellationToken) =>
        Read(source, cancellationToken) is { } model ? Find(source, name, model.Format.Map.ExternalReferences, cancellationToken) : [];

    private static IReadOnlyList<(string Path, string FullPath)> Find(
        string source, string name, ImmutableArray<ExternalReference> references, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(source))!;
        string? realFolder = null;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ExternalReference reference in references)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reference.Fault is not null || !seen.Add(reference.Location))
            {
                continue;
            }

            if (ExternalLocation.FindFault(reference.Location) is { } fault)
            {
                throw Refused(source, reference.Location, fault);
            }

            string path = ExternalLocation.Resolve("", reference.Location);
            if (path == name || found.ContainsKey(path))
            {
                continue;
            }

            realFolder ??= RealPath.Of(folder);
            if (Locate(source, folder, realFolder, path, reference.Location) is { } full)
            {
                found.Add(path, full);
            }
        }

        return [.. found.Select(static file => (file.Key, file.Value))];
    }

    /// <summary>The model, if it is one of ONNX.</summary>
    private static ReadFormat? Read(string source, CancellationToken cancellationToken)
    {
        var stamp = FileStamp.Of(source);
        using ByteSource bytes = ByteSource.OpenFile(source);

        // Whoever packs the file reports what is wrong with it.
        return OnnxReader.Instance.Recognises(bytes)
            ? new ReadFormat(FormatDetector.Detect(bytes, FormatDetector.Readers, strict: false, cancellationToken), stamp)
            : null;
    }

    /// <summary>The full path of a data file; null when there is none.</summary>
    private static string? Locate(string source, string folder, string realFolder, string path, string location)
    {
        string full = Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
        string real = RealPath.Of(full);

        // A hub's cache keeps its files as blobs, with everything in a snapshot a link.
        if (!RealPath.IsInside(real, realFolder) && HubCache.Around(realFolder)?.HasBlob(real) != true)
        {
            throw Refused(source, location, $"is reached through a link out of the folder of the model, to '{real}'");
        }

        if (!Path.Exists(real))
        {
            return null;
        }

        return Directory.Exists(real) ? throw Refused(source, location, "is a folder")
            : FileKind.IsRegular(real) ? full
            : throw Refused(source, location, "is a pipe or a device");
    }

    private static void RequireApart(IEnumerable<PackInputFile> companions, string? target, string folder)
    {
        string? realTarget = target is null ? null : RealPath.Of(target);
        foreach (PackInputFile file in companions)
        {
            if (realTarget is not null && RealPath.Of(Path.Combine(folder, file.Path)) == realTarget)
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, "is a data file of the model that is to be packed", target);
            }
        }
    }

    private static ModelPackException Refused(string source, string location, string fault) => new(
        ModelPackError.Unsupported,
        $"the model has data in '{location}', which {fault}; only files in the folder of a model are packed with it",
        source);
}
