using ModelPack.Comparison.Packing;
using ModelPack.Comparison.Reporting;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Estimating;

/// <summary>Tells the packed size of a model from a sample of its blocks: what packing would make of those, scaled up.</summary>
internal static class Estimator
{
    /// <summary>Models up to this size are packed as a whole: that takes a fraction of a second.</summary>
    private const long LeastSample = 64_000_000;

    /// <summary>Larger models give this part of their bytes, but never more than <see cref="MostSample"/>.</summary>
    private const int SampledPart = 16;

    private const long MostSample = 256_000_000;

    // Measured on real models: the index is off by at most that part.
    private const double IndexError = 0.05;

    public static SourceReport Run(
        ModelSource source, CompareOptions options, List<ModelPackWarning> warnings, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        long total = source.Input.TotalLength;
        long wanted = options.SampleBytes > 0 ? options.SampleBytes : Math.Clamp(total / SampledPart, LeastSample, MostSample);
        var staged = new StagedProgress(progress, Math.Min(total, wanted), 1);
        staged.Begin("estimating");
        try
        {
            return total <= wanted
                ? PackAll(source, options, warnings, staged, cancellationToken)
                : Sample(source, (double)wanted / total, options, warnings, staged, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A sample that is not complete tells nothing of the parts that it lacks.
            return Report(source, [], [], null);
        }
    }

    private static SourceReport PackAll(
        ModelSource source, CompareOptions options, List<ModelPackWarning> warnings, StagedProgress staged, CancellationToken cancellationToken)
    {
        var pass = PackPass.Run(source.Input, new PackOptions { ChecksHubHashes = false, Threads = options.Threads }, staged.OfStage(), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        warnings.AddRange(pass.Warnings);
        var builder = new SourceReportBuilder(source);
        builder.AddLevel(PackLevel.Default, pass);
        SourceReport measured = builder.Build();
        long packed = pass.PackedLength!.Value;
        double ratio = measured.Ratio ?? 1;
        string verdict = Verdict.Of(ratio, 0, [.. pass.Files.Select(static file => file.File)]);
        var estimate = new EstimateReport(packed, ratio, 0, measured.OriginalBytes, 0, 0, verdict);
        return Report(source, measured.Dtypes, measured.Files, estimate);
    }

    private static SourceReport Sample(
        ModelSource source, double share, CompareOptions options, List<ModelPackWarning> warnings, StagedProgress staged, CancellationToken cancellationToken)
    {
        var packOptions = new PackOptions { ChecksHubHashes = false };
        using var survey = PackSurvey.Make(source.Input, packOptions, warnings, cancellationToken, trustsSamples: true);
        var sample = new BlockSample(survey.Files, PackPolicy.Of(packOptions));
        sample.Plan(share);
        if (sample.IsWhole)
        {
            return PackAll(source, options, warnings: [], staged, cancellationToken);
        }

        sample.Take(options.Seed, PackPipeline.ThreadCount(options.Threads), staged.Add, cancellationToken);
        var index = IndexEstimate.Make(survey.Files, source.Input.Entries, source.Input.LeadingPath, sample);
        double packed = sample.Packed + index.Length;
        double ratio = packed / source.Input.TotalLength;
        double error = (sample.HalfInterval + (index.Length * IndexError)) / packed;
        var estimate = new EstimateReport((long)packed, ratio, error, sample.SampledBytes, sample.SampledBlocks, sample.Blocks, Verdict.Of(ratio, error, survey.Files));
        return Report(
            source, [.. Groups(sample)], [.. survey.Files.Select((file, number) => MakeFile(file, (long)sample.PackedOf(number) + index.FramesOf(number)))], estimate);
    }

    private static IEnumerable<ComparedGroup> Groups(BlockSample sample) =>
        sample.Strata.GroupBy(static stratum => stratum.Name).Select(static strata =>
        {
            long bytes = strata.Sum(static stratum => stratum.Bytes);
            double packed = strata.Sum(static stratum => stratum.Packed);
            return new ComparedGroup(strata.Key, 0, bytes, new() { [Naming.Of(PackLevel.Default)] = (long)packed }, packed / bytes, null);
        }).OrderByDescending(static group => group.OriginalBytes);

    private static ComparedFile MakeFile(SurveyedFile file, long packed) => new(
        file.File.Path,
        Naming.Of(file.Map.Format),
        file.Map.Tensors.Length,
        file.Map.FileLength,
        new() { [Naming.Of(PackLevel.Default)] = packed },
        file.Map.FileLength > 0 ? (double)packed / file.Map.FileLength : null,
        null);

    private static SourceReport Report(ModelSource source, IReadOnlyList<ComparedGroup> dtypes, IReadOnlyList<ComparedFile> files, EstimateReport? estimate)
    {
        Dictionary<string, long> packed = estimate is null ? [] : new() { [Naming.Of(PackLevel.Default)] = estimate.PackedBytes };
        return new SourceReport(source.Path, source.IsPacked, source.Input.TotalLength, packed, estimate?.Ratio, null, files, dtypes, [], [], [], null, estimate);
    }
}
