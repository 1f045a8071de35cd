using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Pipeline.Fused;

/// <summary>
/// Encodes floats whose exponents a sample shows to be the lane coder's and all else noise: exponents are coded, the other
/// planes go straight to where they are stored, in one pass where the machine has the kernels for it, else plane after
/// plane, with the same bytes. Holds the buffers of one thread.
/// </summary>
/// <param name="policy">What may be tried.</param>
/// <param name="mayFuse">False never codes in one pass.</param>
internal sealed unsafe class FusedEncoder(ChooserPolicy policy, bool mayFuse = true)
{
    private const int MaxElementSize = 4;
    private const int MaxPlanes = 4;

    // A partial step's elements, cut into planes.
    private const int RestBufferLength = MaxPlanes * (LaneAnsLanes.MaxLanes + PlaneLayout.Slack);

    private readonly byte[] _sample = new byte[PlaneSample.Length * MaxElementSize];
    private readonly byte[] _samplePlanes = new byte[MaxPlanes * (PlaneSample.Length + PlaneLayout.Slack)];
    private byte[] _planes = [];

    private readonly bool _fuses = mayFuse && LaneAnsEncoder.CanEncodeFrom && Lanes512.IsSupported;

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
        if (layout.Id is not (PlaneLayoutId.BFloat16 or PlaneLayoutId.Float16 or PlaneLayoutId.Float32) || !PlaneChooser.JudgesBySample(count, policy))
        {
            return false;
        }

        SampleVerdict exponents = JudgePlanes(layout, elements, count, histogram);
        int storedLength = StoredLength(layout, count);
        int most = Math.Min(exponents.MostLength, coded.Length - storedLength);
        if (exponents.Coder != CoderId.LaneAns || most <= 0)
        {
            return false;
        }

        Span<byte> stored = coded[^storedLength..];
        Span<byte> room = coded[(coded.Length - storedLength - most)..^storedLength];
        return _fuses
            ? TryFuse(layout, elements, stored, room, histogram, workspace, out exponentLength)
            : TryEncodePlanes(layout, elements, stored, room, histogram, workspace, out exponentLength);
    }

    /// <summary>The verdict about plane 0, without a coder where another plane is not noise. The histogram is then plane 0's.</summary>
    private SampleVerdict JudgePlanes(PlaneLayout layout, ReadOnlySpan<byte> elements, int count, PlaneHistogram histogram)
    {
        Span<byte> sample = _sample.AsSpan(0, PlaneSample.Length * layout.ElementSize);
        PlaneSample.Take(elements, layout.ElementSize, sample);
        PlaneSplitter.Split(layout, sample, _samplePlanes);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            ReadOnlySpan<byte> half = _samplePlanes.AsSpan(layout.PlaneOffset(plane, PlaneSample.Length), layout.PlaneLength(plane, PlaneSample.HalfLength));
            if (!PlaneChooser.IsNoise(half, count, histogram, policy))
            {
                return default;
            }
        }

        // Elements that repeat show in their exponents.
        return PlaneChooser.Judge(_samplePlanes.AsSpan(0, PlaneSample.Length), count, histogram, policy);
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

    private bool TryEncodePlanes(
        PlaneLayout layout,
        ReadOnlySpan<byte> elements,
        Span<byte> stored,
        Span<byte> room,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        out int exponentLength)
    {
        int count = elements.Length / layout.ElementSize;
        Buffers.Reserve(ref _planes, layout.BufferLength(count));
        PlaneSplitter.Split(layout, elements, _planes);
        if (!LaneAnsCoder.Instance.TryEncode(_planes.AsSpan(0, count), histogram, room, workspace, out exponentLength))
        {
            return false;
        }

        // To the end of the room, where the planes that are stored begin.
        room[..exponentLength].CopyTo(room[^exponentLength..]);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            ReadOnlySpan<byte> bytes = _planes.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count));
            bytes.CopyTo(stored);
            stored = stored[bytes.Length..];
        }

        return true;
    }

    private static bool TryFuse(
        PlaneLayout layout,
        ReadOnlySpan<byte> elements,
        Span<byte> stored,
        Span<byte> room,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        out int exponentLength)
    {
        int count = elements.Length / layout.ElementSize;
        int whole = count - (count % LaneAnsCoder.StepLength(count));
        Span<byte> rest = stackalloc byte[RestBufferLength];
        SplitRest(layout, elements[(whole * layout.ElementSize)..], stored, count, rest);
        ReadOnlySpan<byte> restExponents = rest[..(count - whole)];
        fixed (byte* start = elements, planes = stored)
        {
            byte* end = start + (whole * layout.ElementSize);
            byte* plane = planes + whole;
            switch (layout.Id)
            {
                case PlaneLayoutId.BFloat16:
                    var bfloat16 = new BFloat16Source(end, plane);
                    return LaneAnsCoder.TryEncodeFrom(ref bfloat16, restExponents, histogram, room, workspace, out exponentLength);
                case PlaneLayoutId.Float16:
                    var float16 = new Float16Source(end, plane, planes + count + layout.PlaneLength(2, whole));
                    return LaneAnsCoder.TryEncodeFrom(ref float16, restExponents, histogram, room, workspace, out exponentLength);
                default:
                    var float32 = new Float32Source(end, plane, plane + count, plane + (2 * (nint)count));
                    return LaneAnsCoder.TryEncodeFrom(ref float32, restExponents, histogram, room, workspace, out exponentLength);
            }
        }
    }

    // What does not fill a step starts at a multiple of a group, so it is cut as a block of its own would be.
    private static void SplitRest(PlaneLayout layout, ReadOnlySpan<byte> elements, Span<byte> stored, int count, Span<byte> planes)
    {
        int restCount = elements.Length / layout.ElementSize;
        PlaneSplitter.Split(layout, elements, planes);
        int planeEnd = 0;
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            planeEnd += layout.PlaneLength(plane, count);
            int length = layout.PlaneLength(plane, restCount);
            planes.Slice(layout.PlaneOffset(plane, restCount), length).CopyTo(stored[(planeEnd - length)..]);
        }
    }
}
