using ModelPack.Coding;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Pipeline.Fused;

/// <summary>The planes behind plane 0, wherever they lie.</summary>
internal ref struct OtherPlanes
{
    private ReadOnlySpan<byte> _one;
    private ReadOnlySpan<byte> _two;
    private ReadOnlySpan<byte> _three;

    /// <summary>Plane 1, 2 or 3; empty when it was not set.</summary>
    public ReadOnlySpan<byte> this[int plane]
    {
        readonly get => plane switch { 1 => _one, 2 => _two, _ => _three };
        set
        {
            switch (plane)
            {
                case 1: _one = value; break;
                case 2: _two = value; break;
                default: _three = value; break;
            }
        }
    }
}

/// <summary>
/// Decodes a lane-coded exponent plane and merges it with the others in one pass, so that exponents never leave the
/// registers: with the planes coded and merged one after the other, they would be written and read once more.
/// </summary>
internal static unsafe class FusedDecoder
{
    // A partial step's elements, cut into the most planes that a layout taken here has.
    private const int RestBufferLength = 4 * (LaneAnsLanes.MaxLanes + PlaneLayout.Slack);

    /// <summary>Whether <see cref="TryDecode"/> can take planes of this layout with plane 0 so coded.</summary>
    public static bool Takes(PlaneLayoutId layout, byte exponentCoder) =>
        exponentCoder == (byte)CoderId.LaneAns
        && layout is PlaneLayoutId.BFloat16 or PlaneLayoutId.Float16 or PlaneLayoutId.Float32
        && LaneAnsDecoder.CanDecodeInto
        && (Lanes512.IsSupported || Lanes256.IsSupported);

    /// <summary>Restores elements.</summary>
    /// <param name="layout">A layout taken here.</param>
    /// <param name="exponents">Plane 0, coded.</param>
    /// <param name="others">The other planes, decoded.</param>
    /// <param name="elements">Whole elements, at least one.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <returns>False when plane 0 holds what no split writes; merging it alone finds out where.</returns>
    /// <exception cref="ArgumentException">A plane has not the length that the layout says.</exception>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.Corrupt"/></exception>
    public static bool TryDecode(
        PlaneLayout layout, ReadOnlySpan<byte> exponents, in OtherPlanes others, Span<byte> elements, CodingWorkspace workspace)
    {
        int count = elements.Length / layout.ElementSize;
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(others[plane].Length, layout.PlaneLength(plane, count));
        }

        Span<byte> rest = stackalloc byte[LaneAnsLanes.MaxLanes];
        int restCount;
        bool sound = true;
        fixed (byte* one = others[1], two = others[2], three = others[3], destination = elements)
        {
            switch (layout.Id)
            {
                case PlaneLayoutId.BFloat16:
                    var bfloat16 = new BFloat16Sink(one, destination);
                    restCount = LaneAnsCoder.DecodeInto(exponents, count, ref bfloat16, rest, workspace);
                    break;
                case PlaneLayoutId.Float32:
                    var float32 = new Float32Sink(one, two, three, destination);
                    restCount = LaneAnsCoder.DecodeInto(exponents, count, ref float32, rest, workspace);
                    break;
                default:
                    var float16 = new Float16Sink(one, two, destination);
                    restCount = LaneAnsCoder.DecodeInto(exponents, count, ref float16, rest, workspace);
                    sound = float16.IsSound && !rest[..restCount].ContainsAnyExceptInRange((byte)0, Float16Format.MaxExponent);
                    break;
            }
        }

        if (sound && restCount > 0)
        {
            MergeRest(layout, rest[..restCount], others, elements);
        }

        return sound;
    }

    // What does not fill a step starts at a multiple of a group, so it is laid out as a block of its own would be.
    private static void MergeRest(PlaneLayout layout, ReadOnlySpan<byte> exponents, in OtherPlanes others, Span<byte> elements)
    {
        int count = exponents.Length;
        Span<byte> planes = stackalloc byte[RestBufferLength];
        exponents.CopyTo(planes);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            others[plane][^layout.PlaneLength(plane, count)..].CopyTo(planes[layout.PlaneOffset(plane, count)..]);
        }

        PlaneMerger.Merge(layout, planes, elements[^(count * layout.ElementSize)..]);
    }
}
