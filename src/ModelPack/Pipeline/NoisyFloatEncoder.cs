using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;

namespace ModelPack.Pipeline;

/// <summary>
/// Encodes floats whose exponents a sample shows to be the lane coder's and all else noise: elements are cut right where
/// the other planes are stored, and exponents, still in the cache, coded. Holds the buffers of one thread.
/// </summary>
/// <param name="policy">What may be tried.</param>
internal sealed class NoisyFloatEncoder(ChooserPolicy policy)
{
    private readonly byte[] _sample = new byte[PlaneSample.Length];

    /// <summary>Encodes elements.</summary>
    /// <param name="layout">How they are cut.</param>
    /// <param name="elements">Whole elements.</param>
    /// <param name="coded">As long as all planes; holds the coded planes afterwards, one after the other, up to its end.</param>
    /// <param name="histogram">Scratch.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="exponentLength">Coded bytes of plane 0; the others are stored.</param>
    /// <returns>False when the elements must be coded plane after plane; the contents of the buffer are then undefined.</returns>
    public bool TryEncode(
        PlaneLayout layout,
        ReadOnlySpan<byte> elements,
        Span<byte> coded,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        out int exponentLength)
    {
        exponentLength = 0;
        int count = elements.Length / layout.ElementSize;
        if (layout.Id is not (PlaneLayoutId.BFloat16 or PlaneLayoutId.Float16 or PlaneLayoutId.Float32) || !PlaneChooser.JudgesBySample(count, policy))
        {
            return false;
        }

        // The stored planes are then where they belong, and plane 0 where its coded bytes will be. Split first and sampled then:
        // runs of planes in the cache, where runs of elements would each wait for memory.
        int storedLength = StoredLength(layout, count);
        Span<byte> planes = coded[^(count + storedLength)..];
        PlaneSplitter.SplitClosely(layout, elements, planes);
        SampleVerdict exponents = JudgePlanes(layout, planes, count, histogram);
        int most = Math.Min(exponents.MostLength, elements.Length - storedLength);
        return exponents.Coder == CoderId.LaneAns
            && most > 0
            && LaneAnsCoder.TryEncodeToEnd(planes[..count], histogram, coded[..^storedLength], most, workspace, out exponentLength);
    }

    /// <summary>The verdict about plane 0, without a coder where another plane is not noise. The histogram is then plane 0's.</summary>
    private SampleVerdict JudgePlanes(PlaneLayout layout, ReadOnlySpan<byte> planes, int count, PlaneHistogram histogram)
    {
        int start = count;
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            ReadOnlySpan<byte> bytes = planes.Slice(start, layout.PlaneLength(plane, count));
            if (bytes.Length == count)
            {
                PlaneSample.Take(bytes, 1, _sample);
            }
            else
            {
                PlaneSample.TakeQuarters(bytes, count, _sample);
            }

            ReadOnlySpan<byte> half = _sample.AsSpan(0, layout.PlaneLength(plane, PlaneSample.HalfLength));
            if (!PlaneChooser.IsNoise(half, count, histogram, policy))
            {
                return default;
            }

            start += bytes.Length;
        }

        // Elements that repeat show in their exponents.
        PlaneSample.Take(planes[..count], 1, _sample);
        return PlaneChooser.Judge(_sample, count, histogram, policy);
    }

    /// <summary>Bytes of all planes behind plane 0.</summary>
    public static int StoredLength(PlaneLayout layout, int count)
    {
        int length = 0;
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            length += layout.PlaneLength(plane, count);
        }

        return length;
    }
}
