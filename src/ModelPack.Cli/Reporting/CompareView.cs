using System.Globalization;
using ModelPack.Comparison.Differences;
using ModelPack.Comparison.Reporting;

namespace ModelPack.Cli.Reporting;

/// <summary>What <c>compare</c> shows to people.</summary>
/// <param name="context">Where to.</param>
/// <param name="order">Order of the tensors.</param>
/// <param name="top">How many tensors.</param>
internal sealed class CompareView(CommandContext context, TensorOrder order, int top)
{
    private static readonly string[] Levels = [Naming.Of(PackLevel.Fast), Naming.Of(PackLevel.Default), Naming.Of(PackLevel.Max)];
    private static readonly string Default = Naming.Of(PackLevel.Default);

    public void Write(CompareReport report)
    {
        foreach (SourceReport source in report.Sources)
        {
            WriteHead(source);
            if (source.Estimate is { } estimate)
            {
                WriteEstimate(estimate);
            }

            WriteTensors(source);
            WriteGroups("dtype", source.Dtypes);
            WriteGroups("kind", source.Kinds);
            if (source.Files.Count > 1)
            {
                WriteFiles(source.Files);
            }

            WriteCompressors(source.Compressors);
        }

        if (report.Difference is { } difference)
        {
            WriteDifference(difference);
        }
    }

    private void WriteHead(SourceReport source)
    {
        string packed = source.PackedBytes.TryGetValue(Default, out long length) ? Units.Saving(source.OriginalBytes, length) : Units.Size(source.OriginalBytes);
        string note = source.Estimate is not null ? "  estimated" : "";
        context.WriteSummary($"{source.Path}  {Units.Count(source.Files.Count, "file")}{(source.Packed ? "  (packed)" : "")}  {packed}{note}");
        List<string> levels = [.. Levels.Where(level => level != Default && source.PackedBytes.ContainsKey(level)).Select(level => $"{level} {Units.RatioText(source.OriginalBytes, source.PackedBytes[level])}")];
        if (source.BoundBytes is { } bound)
        {
            levels.Add($"order-0 entropy {Units.RatioText(source.OriginalBytes, (long)bound)}");
        }

        if (levels.Count > 0)
        {
            context.WriteSummary(string.Join("  ", levels));
        }

        context.WriteSummary("");
    }

    private void WriteEstimate(EstimateReport estimate)
    {
        string how = estimate.Error == 0
            ? "all of it was packed, so there is no error"
            : string.Create(CultureInfo.InvariantCulture, $"± {estimate.Error * 100:0.00} % of the packed size (95 %), from {Units.Size(estimate.SampledBytes)} in {estimate.SampledBlocks} of {estimate.Blocks} blocks");
        context.WriteSummary($"{estimate.Verdict}; {how}");
        context.WriteSummary("");
    }

    private void WriteTensors(SourceReport source)
    {
        if (source.Tensors.Count == 0)
        {
            return;
        }

        var table = new TextTable(
            new("tensor"),
            new("kind", Drop: 4),
            new("dtype"),
            new("shape", Drop: 3),
            new("bytes", true),
            new("packed", true, Drop: 1),
            new("ratio", true),
            new("fast", true, Drop: 5),
            new("max", true, Drop: 2),
            new("bound", true, Drop: 2),
            new("over", true, Drop: 3),
            new("bits", true, Drop: 4),
            new("mean", true, Drop: 7),
            new("deviation", true, Drop: 6),
            new("zeros", true, Drop: 7),
            new("coder", Drop: 6));
        foreach (ComparedTensor tensor in order.Sort(source.Tensors).Take(top))
        {
            table.Add(
                tensor.Name,
                tensor.Kind,
                tensor.Dtype,
                Units.Shape(tensor.Shape),
                Units.Size(tensor.OriginalBytes),
                TensorOrder.Packed(tensor) is { } packed ? Units.Size(packed) : "–",
                Number(tensor.Ratio, "0.000"),
                RatioAt(tensor, "fast"),
                RatioAt(tensor, "max"),
                Number(tensor.OriginalBytes > 0 ? tensor.BoundBytes / tensor.OriginalBytes : null, "0.000"),
                Number(tensor.BoundDistance, "+0.0 %;-0.0 %"),
                Number(tensor.BitsPerValue, "0.00"),
                Significant(tensor.Values?.Mean),
                Significant(tensor.Values?.StandardDeviation),
                Number(tensor.Values?.Zeros, "0.0 %"),
                Coders(tensor));
        }

        table.Write();
        if (source.Tensors.Count > top)
        {
            context.WriteSummary($"… and {Units.Count(source.Tensors.Count - top, "tensor")} more (--all)");
        }

        context.WriteSummary("");
    }

    private void WriteGroups(string title, IReadOnlyList<ComparedGroup> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        var table = new TextTable(
            new(title), new("tensors", true, Drop: 3), new("bytes", true), new("packed", true), new("ratio", true), new("fast", true, Drop: 2), new("max", true, Drop: 2), new("bound", true, Drop: 1));
        foreach (ComparedGroup group in groups)
        {
            table.Add(
                group.Name,
                group.Tensors > 0 ? group.Tensors.ToString(CultureInfo.InvariantCulture) : "",
                Units.Size(group.OriginalBytes),
                PackedAt(group.PackedBytes, Default),
                Number(group.OriginalBytes > 0 ? group.Ratio : null, "0.000"),
                RatioAt(group.OriginalBytes, group.PackedBytes, "fast"),
                RatioAt(group.OriginalBytes, group.PackedBytes, "max"),
                Number(group.OriginalBytes > 0 ? group.BoundBytes / group.OriginalBytes : null, "0.000"));
        }

        table.Write();
        context.WriteSummary("");
    }

    private void WriteFiles(IReadOnlyList<ComparedFile> files)
    {
        var table = new TextTable(new("file"), new("format", Drop: 1), new("tensors", true, Drop: 2), new("bytes", true), new("packed", true), new("ratio", true));
        foreach (ComparedFile file in files.OrderByDescending(static file => file.OriginalBytes).Take(top))
        {
            table.Add(
                Names.OfFile(file.Path),
                file.Format,
                file.Tensors.ToString(CultureInfo.InvariantCulture),
                Units.Size(file.OriginalBytes),
                PackedAt(file.PackedBytes, Default),
                Number(file.Ratio, "0.000"));
        }

        table.Write();
        if (files.Count > top)
        {
            context.WriteSummary($"… and {Units.Count(files.Count - top, "file")} more (--all)");
        }

        context.WriteSummary("");
    }

    private void WriteCompressors(CompressorsReport? compressors)
    {
        if (compressors is null)
        {
            return;
        }

        string sample = compressors.IsWhole ? "the whole model" : "a part of each tensor";
        context.WriteSummary(string.Create(
            CultureInfo.InvariantCulture,
            $"on {Units.Size(compressors.SampleBytes)}, {sample}, one thread; speeds in memory copies ({compressors.MemcpyGigabytesPerSecond:0.0} GB/s)"));
        var table = new TextTable(new("compressor"), new("input", Drop: 1), new("packed", true, Drop: 2), new("ratio", true), new("compress", true), new("decompress", true));
        foreach (CompressorReport result in compressors.Results.OrderBy(static result => result.Ratio))
        {
            table.Add(result.Name, result.Input, Units.Size(result.PackedBytes), Number(result.Ratio, "0.000"), Significant(result.Compress), Significant(result.Decompress));
        }

        table.Write();
        context.WriteSummary("");
    }

    private void WriteDifference(ComparedModels difference)
    {
        context.WriteSummary($"{difference.BasePath} → {difference.Path}  {Units.Size(difference.OriginalBytes)}");
        context.WriteSummary($"packed by itself {Cost(difference.PackedBytes)}  as a difference {Cost(difference.DifferenceBytes)}");
        context.WriteSummary($"{difference.Equal} equal  {difference.Near} nearly equal  {difference.Reshaped} of another dtype or shape  {difference.Added} new  {difference.Missing} missing");
        context.WriteSummary("");

        // What is equal needs no line, unless all are wanted.
        ComparedPair[] tensors = [.. difference.Tensors.Where(tensor => top == int.MaxValue || tensor.State != ModelDifference.Equal).OrderByDescending(static tensor => tensor.OriginalBytes)];
        if (tensors.Length == 0)
        {
            return;
        }

        var table = new TextTable(
            new("tensor"),
            new("state"),
            new("dtype", Drop: 2),
            new("shape", Drop: 3),
            new("bytes", true, Drop: 1),
            new("packed", true, Drop: 2),
            new("difference", true),
            new("values", true),
            new("bits by plane", Drop: 4));
        foreach (ComparedPair tensor in tensors.Take(top))
        {
            table.Add(
                tensor.Name,
                tensor.State,
                tensor.Dtype,
                Units.Shape(tensor.Shape),
                Units.Size(tensor.OriginalBytes),
                tensor.PackedBytes is { } packed ? Units.Size(packed) : "–",
                tensor.DifferenceBytes is { } cost ? Units.Size(cost) : "–",
                Number(tensor.ChangedValues, "0.0 %"),
                string.Join(' ', tensor.Planes.Select(static plane => string.Create(CultureInfo.InvariantCulture, $"{plane.Name}:{plane.ChangedBits * 100:0.0}%"))));
        }

        table.Write();
        if (tensors.Length > top)
        {
            context.WriteSummary($"… and {Units.Count(tensors.Length - top, "tensor")} more (--all)");
        }

        string Cost(long? bytes) => bytes is { } length ? $"{Units.Size(length)} ({Units.RatioText(difference.OriginalBytes, length)})" : "–";
    }

    private static string Coders(ComparedTensor tensor)
    {
        IEnumerable<string> coders = tensor.Planes.Select(static plane => plane.Coders.GetValueOrDefault(Default)).OfType<string>().Distinct();
        return string.Join('+', tensor.RepeatedBytes > 0 ? coders.Prepend("repeat") : coders);
    }

    private static string PackedAt(Dictionary<string, long> packed, string level) => packed.TryGetValue(level, out long bytes) ? Units.Size(bytes) : "–";

    private static string RatioAt(long original, Dictionary<string, long> packed, string level) => packed.TryGetValue(level, out long bytes) ? Units.RatioText(original, bytes) : "–";

    private static string RatioAt(ComparedTensor tensor, string level) =>
        tensor.PackedBytes.GetValueOrDefault(level) is { } bytes ? Units.RatioText(tensor.OriginalBytes, bytes) : "–";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Significant(double? value) => value?.ToString("G3", CultureInfo.InvariantCulture) ?? "–";
}
