using ModelPack.Comparison.Analysis;
using ModelPack.Formats;
using ModelPack.Pipeline;
using ModelPack.Primitives;

namespace ModelPack.Benchmarks.Measuring;

/// <summary>
/// What a coder would need that knows the counts of each tensor's planes for nothing, and nothing else: the order-0 entropy,
/// H = −Σ p log2 p, of every plane of every tensor and of all other bytes together. What packs smaller uses context.
/// </summary>
internal static class EntropyBound
{
    /// <summary>Name of its row.</summary>
    public const string Name = "order-0 entropy of planes";

    /// <summary>Bytes that the entropies of a file's planes add up to, rounded up.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The extension helps to recognise the format.</param>
    public static long Of(byte[] file, string name)
    {
        using PackInput input = PackInput.FromMemory(file, name);
        using ByteSource source = input.Files[0].Open();
        SegmentMap map = FormatDetector.Detect(source, FormatDetector.Readers, strict: false, CancellationToken.None).Map;
        var analysis = ModelAnalysis.Run([new SurveyedFile(input.Files[0], map, default)], Environment.ProcessorCount, static _ => { }, CancellationToken.None);
        double tensors = Enumerable.Range(0, map.Tensors.Length).Sum(tensor => analysis.Of(0, tensor)!.BoundBytes);
        return (long)Math.Ceiling(tensors + analysis.StructureBoundBytes);
    }
}
