using ModelPack.Formats;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.External;
using ModelPack.Pipeline.Hub;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>A file to pack, mapped before anything is written.</summary>
/// <param name="File">The file.</param>
/// <param name="Map">Its segments.</param>
/// <param name="Stamp">What it was like when it was mapped.</param>
internal sealed record SurveyedFile(PackInputFile File, SegmentMap Map, FileStamp Stamp)
{
    /// <summary>Its blocks that repeat others or are repeated.</summary>
    public SegmentRepeats Repeats { get; } = new();

    /// <summary>The hash that a hub gave for it; null where none is known or it is not to be checked.</summary>
    public PublishedHash? Published { get; init; }

    /// <summary>For each tensor, where its bytes lie if not in this file; null when there are no such tensors.</summary>
    public ExternalPlace[]? ExternalPlaces { get; init; }

    /// <summary>Where a base has counterparts of its segments; null without a base.</summary>
    public BaseCounterparts? Counterparts { get; set; }

    /// <summary>Opens the file again.</summary>
    /// <exception cref="IOException">It has another length now.</exception>
    public ByteSource Open()
    {
        ByteSource source = File.Open();
        if (source.Length != Map.FileLength)
        {
            string name = source.Name;
            source.Dispose();
            throw Changed(name);
        }

        return source;
    }

    public static IOException Changed(string name) => new($"{name}: was changed while it was packed");
}

/// <summary>All files to pack, mapped and compared with each other before anything is written: the header tells what is to come.</summary>
internal sealed class PackSurvey : IDisposable
{
    private PackSurvey(IReadOnlyList<SurveyedFile> files, int repeatGroups)
    {
        Files = files;
        RepeatGroups = repeatGroups;
    }

    /// <summary>The base; null when there is none, or none that has anything in common with the files.</summary>
    public BaseFiles? Bases { get; private set; }

    /// <summary>Describes the base.</summary>
    public Container.Wire.BaseModel? BaseRecord { get; private set; }

    public IReadOnlyList<SurveyedFile> Files { get; }

    /// <summary>Number of blocks that later blocks repeat; groups are numbered from 1.</summary>
    public int RepeatGroups { get; }

    /// <summary>Maps the files.</summary>
    /// <param name="input">The files.</param>
    /// <param name="options">Whether a model that cannot be read is refused, and where the base lies.</param>
    /// <param name="warnings">Receives a warning for each model that cannot be read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="trustsSamples">Take blocks with an equal sample as equal: for estimates, never for packing.</param>
    public static PackSurvey Make(
        PackInput input, PackOptions options, List<ModelPackWarning> warnings, CancellationToken cancellationToken, bool trustsSamples = false)
    {
        IReadOnlyList<SurveyedFile> files = PackMapping.Map(input, options, warnings, cancellationToken);
        using var finder = new RepeatFinder(files, PackPolicy.Of(options).TriesContexts, cancellationToken, trustsSamples);
        var survey = new PackSurvey(files, finder.Find());
        if (options.Base is { } basePath)
        {
            survey.AddBase(basePath, PackPipeline.ThreadCount(options.Threads), warnings, cancellationToken);
        }

        return survey;
    }

    /// <summary>Looks at all files once more: what was packed first may have changed while the rest was.</summary>
    /// <exception cref="IOException">One was changed since it was mapped.</exception>
    public void CheckUnchanged()
    {
        if (Files.FirstOrDefault(static file => file.File.Stamp() != file.Stamp) is { } changed)
        {
            throw SurveyedFile.Changed(changed.File.Path);
        }

        Bases?.CheckUnchanged();
    }

    public void Dispose() => Bases?.Dispose();

    private void AddBase(string path, int threads, List<ModelPackWarning> warnings, CancellationToken cancellationToken)
    {
        var location = new BaseLocation(path);
        try
        {
            var matcher = new BaseMatcher(location.List(), cancellationToken);
            foreach (SurveyedFile file in Files)
            {
                file.Counterparts = matcher.Match(file.File.Path, file.Map, Files.Count == 1);
            }

            if (matcher.Used.Count == 0)
            {
                warnings.Add(new ModelPackWarning(path, "the base has no tensor of the same name, dtype and shape; packed without it", null));
                location.Dispose();
                return;
            }

            Bases = BaseFiles.Describe(location, matcher.Used, threads, out Container.Wire.BaseModel record, cancellationToken);
            BaseRecord = record;
            foreach (SurveyedFile file in Files)
            {
                using ByteSource source = file.Open();
                file.Counterparts!.FindEqual(source, Bases, cancellationToken);
            }
        }
        catch
        {
            Bases?.Dispose();
            location.Dispose();
            throw;
        }
    }
}
