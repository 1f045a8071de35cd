using ModelPack.Formats;
using ModelPack.Planes;
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
        using ByteSource source = ByteSource.FromMemory(file, name);
        SegmentMap map = FormatDetector.Detect(source, FormatDetector.Readers, strict: false, CancellationToken.None).Map;
        double bits = 0;
        long[] structure = new long[256];
        foreach (Segment segment in map.Segments)
        {
            ReadOnlySpan<byte> bytes = file.AsSpan((int)segment.Offset, (int)segment.Length);
            PlaneLayout layout = LayoutOf(map, segment);
            if (segment.IsStructure)
            {
                Count(bytes, structure);
            }
            else if (bytes.Length > 0)
            {
                bits += OfTensor(layout, bytes);
            }
        }

        return (long)Math.Ceiling((bits + Entropy(structure)) / 8);
    }

    private static PlaneLayout LayoutOf(SegmentMap map, Segment segment)
    {
        if (segment.IsStructure)
        {
            return PlaneLayout.For(Dtype.None, TensorEncoding.Raw);
        }

        TensorInfo tensor = map.Tensors[segment.TensorIndex];
        var layout = PlaneLayout.For(tensor.Dtype, tensor.Encoding);
        return segment.Length % layout.ElementSize == 0 ? layout : PlaneLayout.For(Dtype.None, TensorEncoding.Raw);
    }

    private static double OfTensor(PlaneLayout layout, ReadOnlySpan<byte> elements)
    {
        // A split takes no more at once than a block may have.
        int most = PlaneLayout.MaxElementBytes / layout.ElementSize * layout.ElementSize;
        long[][] counts = [.. Enumerable.Range(0, layout.PlaneCount).Select(_ => new long[256])];
        for (int at = 0; at < elements.Length; at += most)
        {
            ReadOnlySpan<byte> part = elements.Slice(at, Math.Min(most, elements.Length - at));
            int count = part.Length / layout.ElementSize;
            byte[] planes = new byte[layout.BufferLength(count)];
            PlaneSplitter.Split(layout, part, planes);
            for (int plane = 0; plane < layout.PlaneCount; plane++)
            {
                Count(planes.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)), counts[plane]);
            }
        }

        return counts.Sum(Entropy);
    }

    private static void Count(ReadOnlySpan<byte> bytes, long[] counts)
    {
        foreach (byte value in bytes)
        {
            counts[value]++;
        }
    }

    private static double Entropy(long[] counts)
    {
        double total = counts.Sum();
        return counts.Where(count => count > 0).Sum(count => -count * Math.Log2(count / total));
    }
}
