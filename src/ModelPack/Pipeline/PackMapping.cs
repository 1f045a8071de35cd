using ModelPack.Formats;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Maps the files of a pack: each by itself first, then what they say of each other.</summary>
internal static class PackMapping
{
    /// <summary>Maps all files.</summary>
    /// <param name="input">The files.</param>
    /// <param name="options">Whether a model that cannot be read whole is refused, and whether external data is used.</param>
    /// <param name="warnings">Receives a warning for each model that cannot be read whole.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static IReadOnlyList<SurveyedFile> Map(PackInput input, PackOptions options, List<ModelPackWarning> warnings, CancellationToken cancellationToken)
    {
        int count = input.Files.Count;
        var maps = new SegmentMap[count];
        var stamps = new FileStamp[count];
        var names = new string[count];
        var fileWarnings = new FormatWarning?[count];
        for (int i = 0; i < count; i++)
        {
            stamps[i] = input.Files[i].Stamp();
            using ByteSource source = input.Files[i].Open();
            DetectedFormat detected = input.Files[i].Known is { } known && known.Stamp == stamps[i] && known.Format.Map.FileLength == source.Length
                ? known.Format
                : FormatDetector.Detect(source, FormatDetector.Readers, strict: false, cancellationToken);
            (maps[i], fileWarnings[i], names[i]) = (detected.Map, detected.Warning, source.Name);
        }

        ExternalDataResolver? external = options.ExternalData
            ? ExternalDataResolver.Resolve([.. input.Files.Select(static file => file.Path)], maps, cancellationToken)
            : null;
        for (int i = 0; i < count; i++)
        {
            // A file that a model names as its data is no failed model, whatever its first bytes look like.
            if (fileWarnings[i] is { } warning && external?.IsNamed(i) != true)
            {
                WarnOrRefuse(names[i], warning, options.Strict, warnings);
            }

            ExternalWarnings.Judge(maps[i], external?.ComplaintsOf(i), names[i], input, options, warnings);
        }

        return [.. maps.Select((map, i) => new SurveyedFile(input.Files[i], map, stamps[i])
        {
            ExternalPlaces = external?.PlacesOf(i),
            Published = options.ChecksHubHashes ? input.Files[i].FindPublishedHash?.Invoke() : null,
        })];
    }

    private static void WarnOrRefuse(string name, FormatWarning warning, bool strict, List<ModelPackWarning> warnings)
    {
        if (strict)
        {
            throw warning.Cause.At(name, 0);
        }

        warnings.Add(new ModelPackWarning(name, $"{warning.Reason}; packed as opaque bytes", warning.Offset));
    }
}
