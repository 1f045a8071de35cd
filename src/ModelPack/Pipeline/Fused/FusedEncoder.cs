using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Pipeline.Fused;

/// <summary>
/// Splits elements and encodes their exponents in one pass where a sample shows that all other planes are noise, which then
/// go straight to where they are stored. The bytes are those that splitting first and coding plane after plane gives.
/// Holds the buffers of one thread.
/// </summary>
internal sealed unsafe class FusedEncoder(ChooserPolicy policy)
{
    private const int MaxElementSize = 4;
    private const int MaxPlanes = 4;

    // A partial step's elements, cut into planes.
    private const int RestBufferLength = MaxPlanes * (LaneAnsLanes.MaxLanes + PlaneLayout.Slack);

    private readonly byte[] _sample = new byte[PlaneSample.Length * MaxElementSize];
    private readonly byte[] _samplePlanes = new byte[MaxPlanes * (PlaneSample.Length + PlaneLayout.Slack)];

    /// <summary>Encodes elements.</summary>
    /// <param name="layout">How they are cut.</param>
    /// <param name="elements">Whole elements.</param>
    /// <param name="coded">As long as the elements; holds the coded planes afterwards, one after the other, up to its end.</param>
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
        if (layout.Id is not (PlaneLayoutId.BFloat16 or PlaneLayoutId.Float32)
            || !LaneAnsEncoder.CanEncodeFrom
            || !Lanes512.IsSupported
            || !PlaneChooser.JudgesBySample(count, policy))
        {
            return false;
        }

        SampleVerdict exponents = JudgePlanes(layout, elements, count, histogram);
        return exponents.Coder == CoderId.LaneAns
            && TryEncode(layout, elements, coded, exponents.MostLength, histogram, workspace, out exponentLength);
    }

    /// <summary>The verdict about plane 0, without a coder where another plane is not noise. The histogram is then plane 0's.</summary>
    private SampleVerdict JudgePlanes(PlaneLayout layout, ReadOnlySpan<byte> elements, int count, PlaneHistogram histogram)
    {
        Span<byte> sample = _sample.AsSpan(0, PlaneSample.Length * layout.ElementSize);
        PlaneSample.Take(elements, layout.ElementSize, sample);
        PlaneSplitter.Split(layout, sample, _samplePlanes);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            ReadOnlySpan<byte> half = _samplePlanes.AsSpan(layout.PlaneOffset(plane, PlaneSample.Length), PlaneSample.HalfLength);
            if (!PlaneChooser.IsNoise(half, count, histogram, policy))
            {
                return default;
            }
        }

        // Elements that repeat show in their exponents.
        return PlaneChooser.Judge(_samplePlanes.AsSpan(0, PlaneSample.Length), count, histogram, policy);
    }

    private static bool TryEncode(
        PlaneLayout layout,
        ReadOnlySpan<byte> elements,
        Span<byte> coded,
        int mostLength,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        out int exponentLength)
    {
        int count = elements.Length / layout.ElementSize;
        Span<byte> stored = coded[^(count * (layout.PlaneCount - 1))..];
        Span<byte> room = coded[(count - mostLength)..count];
        int whole = count - (count % LaneAnsCoder.StepLength(count));
        Span<byte> rest = stackalloc byte[RestBufferLength];
        SplitRest(layout, elements[(whole * layout.ElementSize)..], stored, count, rest);
        ReadOnlySpan<byte> restExponents = rest[..(count - whole)];
        fixed (byte* start = elements, planes = stored)
        {
            byte* end = start + (whole * layout.ElementSize);
            byte* plane = planes + whole;
            if (layout.Id == PlaneLayoutId.BFloat16)
            {
                var bfloat16 = new BFloat16Source(end, plane);
                return LaneAnsCoder.TryEncodeFrom(ref bfloat16, restExponents, histogram, room, workspace, out exponentLength);
            }

            var float32 = new Float32Source(end, plane, plane + count, plane + (2 * (nint)count));
            return LaneAnsCoder.TryEncodeFrom(ref float32, restExponents, histogram, room, workspace, out exponentLength);
        }
    }

    // What does not fill a step starts at a multiple of a group, so it is cut as a block of its own would be.
    private static void SplitRest(PlaneLayout layout, ReadOnlySpan<byte> elements, Span<byte> stored, int count, Span<byte> planes)
    {
        int restCount = elements.Length / layout.ElementSize;
        PlaneSplitter.Split(layout, elements, planes);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            planes.Slice(layout.PlaneOffset(plane, restCount), restCount).CopyTo(stored[((plane * count) - restCount)..]);
        }
    }
}
