using ModelPack.Comparison.Packing;
using ModelPack.Comparison.Reporting;
using ModelPack.Formats;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Differences;

/// <summary>Two models: which tensors are the same, nearly the same, new or gone, and what the second costs as a difference to the first.</summary>
internal static class ModelDifference
{
    public const string Equal = "equal";
    public const string Near = "near";
    public const string Reshaped = "reshaped";
    public const string Added = "added";
    public const string Missing = "missing";

    /// <summary>Compares until all is compared or <paramref name="cancellationToken"/> says to stop: then what is there is kept.</summary>
    public static ComparedModels Run(
        string basePath,
        string path,
        CompareOptions options,
        List<ModelPackWarning> warnings,
        IProgress<ModelPackProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var baseSource = ModelSource.Open(basePath);
        using var source = ModelSource.Open(path);
        warnings.AddRange(baseSource.Warnings.Concat(source.Warnings));
        var staged = new StagedProgress(progress, source.Input.TotalLength, 3);
        staged.Begin("packing by itself");
        var plain = PackPass.Run(source.Input, new PackOptions { ChecksHubHashes = false, Threads = options.Threads }, staged.OfStage(), cancellationToken);
        warnings.AddRange(plain.Warnings);
        staged.Begin("packing as a difference");
        var difference = PackPass.Run(source.Input, new PackOptions { ChecksHubHashes = false, Threads = options.Threads, Base = basePath }, staged.OfStage(), cancellationToken);
        warnings.AddRange(difference.Warnings.Except(plain.Warnings));

        staged.Begin("comparing bits");
        TensorPlace[] olds = [.. Places(Survey(baseSource, cancellationToken))];
        TensorPlace[] news = [.. Places([.. plain.Files.Select(static file => file.File)])];
        List<ComparedPair> tensors = Compare(olds, news, plain, difference, staged, cancellationToken);
        return new ComparedModels(
            basePath,
            path,
            source.Input.TotalLength,
            plain.PackedLength,
            difference.PackedLength,
            Count(Equal),
            Count(Near),
            Count(Reshaped),
            Count(Added),
            Count(Missing),
            tensors);

        int Count(string state) => tensors.Count(tensor => tensor.State == state);
    }

    private static IReadOnlyList<SurveyedFile> Survey(ModelSource source, CancellationToken cancellationToken)
    {
        try
        {
            return PackMapping.Map(source.Input, new PackOptions { ChecksHubHashes = false }, [], cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private static IEnumerable<TensorPlace> Places(IReadOnlyList<SurveyedFile> files)
    {
        for (int file = 0; file < files.Count; file++)
        {
            SegmentMap map = files[file].Map;
            ILookup<int, Segment> segments = map.Segments.Where(static segment => !segment.IsStructure).ToLookup(static segment => segment.TensorIndex);
            for (int tensor = 0; tensor < map.Tensors.Length; tensor++)
            {
                yield return new TensorPlace(files[file], file, tensor, map.Tensors[tensor], [.. segments[tensor]]);
            }
        }
    }

    private static List<ComparedPair> Compare(
        TensorPlace[] olds, TensorPlace[] news, PackPass plain, PackPass difference, StagedProgress staged, CancellationToken cancellationToken)
    {
        ILookup<string, TensorPlace> byName = olds.ToLookup(static place => place.Info.Name, StringComparer.Ordinal);
        HashSet<TensorPlace> met = [];
        List<ComparedPair> tensors = [];
        using var comparison = new TensorComparison();
        foreach (TensorPlace place in news)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return tensors;
            }

            TensorPlace? old = byName[place.Info.Name].OrderByDescending(candidate => IsAlike(candidate, place)).FirstOrDefault(candidate => !met.Contains(candidate));
            if (old is not null)
            {
                met.Add(old);
            }

            BitDifference? bits = null;
            try
            {
                bits = old is not null && IsAlike(old, place) ? comparison.Compare(old, place, cancellationToken) : null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return tensors;
            }

            string state = old is null ? Added : bits is null ? Reshaped : bits.ChangedBits == 0 ? Equal : Near;
            tensors.Add(Report(place, state, plain.Of(place.File, place.Tensor)?.PackedLength, difference.Of(place.File, place.Tensor)?.PackedLength, bits));
            staged.Add((int)Math.Min(int.MaxValue, place.Length));
        }

        tensors.AddRange(olds.Where(place => !met.Contains(place)).Select(static place => Report(place, Missing, null, null, null)));
        return tensors;
    }

    private static bool IsAlike(TensorPlace old, TensorPlace place) =>
        old.Info.Dtype == place.Info.Dtype && old.Info.Encoding == place.Info.Encoding && old.Info.Shape.SequenceEqual(place.Info.Shape) && old.Length == place.Length;

    private static ComparedPair Report(TensorPlace place, string state, long? packed, long? difference, BitDifference? bits) => new(
        place.Info.Name,
        place.Surveyed.File.Path,
        place.Info.Dtype.DisplayName(),
        [.. place.Info.Shape],
        state,
        place.Length,
        packed,
        difference,
        bits?.ChangedValuePart,
        bits?.ChangedBitPart,
        bits is { ChangedBits: > 0 } ? bits.Planes : []);
}

/// <summary>Where a tensor lies.</summary>
internal sealed record TensorPlace(SurveyedFile Surveyed, int File, int Tensor, TensorInfo Info, Segment[] Segments)
{
    public long Length { get; } = Segments.Sum(static segment => segment.Length);

    public bool Equals(TensorPlace? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
