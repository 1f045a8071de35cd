using System.Diagnostics;
using ModelPack.Comparison.Analysis;
using ModelPack.Comparison.Differences;
using ModelPack.Comparison.Estimating;
using ModelPack.Comparison.Measuring;
using ModelPack.Comparison.Packing;
using ModelPack.Comparison.Reporting;
using ModelPack.Pipeline;

namespace ModelPack.Comparison;

/// <summary>
/// Measures where the bytes of models go. Cancelling does not throw: the report then has what was found, and says so.
/// Errors are thrown as <see cref="ModelPacker"/> throws them.
/// </summary>
internal static class Comparer
{
    /// <summary>Measures each model: entropies, coders, levels and other compressors, tensor by tensor.</summary>
    public static CompareReport Measure(
        IReadOnlyList<string> paths, CompareOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        Run("measure", paths, progress, (source, warnings, target) => MeasureOne(source, options, warnings, target, cancellationToken), cancellationToken);

    /// <summary>Estimates the size of each model at the default level from a sample.</summary>
    public static CompareReport Estimate(
        IReadOnlyList<string> paths, CompareOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        Run("estimate", paths, progress, (source, warnings, target) => Estimator.Run(source, options, warnings, target, cancellationToken), cancellationToken);

    /// <summary>Compares a model with the one it may have been made from.</summary>
    public static CompareReport Difference(
        string basePath, string path, CompareOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        List<ModelPackWarning> warnings = [];
        ComparedModels difference = ModelDifference.Run(basePath, path, options, warnings, progress, cancellationToken);
        return Make("difference", start, [], difference, warnings, cancellationToken);
    }

    private static CompareReport Run(
        string mode,
        IReadOnlyList<string> paths,
        IProgress<ModelPackProgress>? progress,
        Func<ModelSource, List<ModelPackWarning>, IProgress<ModelPackProgress>?, SourceReport> run,
        CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        List<SourceReport> reports = [];
        List<ModelPackWarning> warnings = [];
        foreach (string path in paths)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            using var source = ModelSource.Open(path);
            warnings.AddRange(source.Warnings);
            reports.Add(run(source, warnings, progress));
        }

        return Make(mode, start, reports, null, warnings, cancellationToken);
    }

    private static CompareReport Make(
        string mode, long start, List<SourceReport> sources, ComparedModels? difference, List<ModelPackWarning> warnings, CancellationToken cancellationToken) => new(
        CompareReport.CurrentSchema,
        mode,
        cancellationToken.IsCancellationRequested,
        Stopwatch.GetElapsedTime(start).TotalSeconds,
        sources,
        difference,
        [.. warnings.Select(static warning => new ComparedWarning(warning.File, warning.Offset, warning.Reason))]);

    private static SourceReport MeasureOne(
        ModelSource source, CompareOptions options, List<ModelPackWarning> warnings, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        PackLevel[] levels = [PackLevel.Default, .. options.Levels.Where(static level => level != PackLevel.Default).Distinct()];
        PlaneCoder[] coders = options.WithCoders ? [.. Enum.GetValues<PlaneCoder>().Where(static coder => coder is not (PlaneCoder.Stored or PlaneCoder.Constant))] : [];
        int contextStages = levels.Contains(PackLevel.Max) ? 1 : 0;
        var staged = new StagedProgress(progress, source.Input.TotalLength, 1 + levels.Length + contextStages + coders.Length);
        var builder = new SourceReportBuilder(source);
        foreach (PackLevel level in levels)
        {
            staged.Begin($"at level {Naming.Of(level)}");
            var pass = PackPass.Run(source.Input, new PackOptions { ChecksHubHashes = false, Level = level, Threads = options.Threads }, staged.OfStage(), cancellationToken);
            builder.AddLevel(level, pass);
            SurveyedFile[] files = [.. pass.Files.Select(static file => file.File)];
            int threads = PackPipeline.ThreadCount(options.Threads);
            if (level == PackLevel.Default)
            {
                warnings.AddRange(pass.Warnings);
                staged.Begin("counting symbols and values");
                builder.Analysis = ModelAnalysis.Run(files, threads, staged.Add, cancellationToken);
            }
            else if (level == PackLevel.Max)
            {
                staged.Begin("counting symbols in contexts");
                builder.Contexts = ContextAnalysis.Run(files, threads, staged.Add, cancellationToken);
            }
        }

        foreach (PlaneCoder coder in coders)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            staged.Begin($"with {Naming.Of(coder)} alone");
            PackLevel level = coder == PlaneCoder.ContextAns ? PackLevel.Max : PackLevel.Default;
            var packOptions = new PackOptions { ChecksHubHashes = false, Level = level, Threads = options.Threads, ForcedCoder = coder };
            builder.AddCoder(coder, PackPass.Run(source.Input, packOptions, staged.OfStage(), cancellationToken));
        }

        if (options.WithPeers && !cancellationToken.IsCancellationRequested && builder.Files.Count > 0)
        {
            staged.Begin("other compressors");
            builder.Compressors = CompressorComparison.Run(builder.Files, options, staged, cancellationToken);
        }

        return builder.Build();
    }
}
