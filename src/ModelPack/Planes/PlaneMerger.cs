using ModelPack.Planes.Kernels;

namespace ModelPack.Planes;

/// <summary>Joins byte planes to the elements they were cut from (SPEC.md). The mirror of <see cref="PlaneSplitter"/>.</summary>
internal static class PlaneMerger
{
    /// <summary>Fills all of <paramref name="elements"/> from planes at the offsets that <see cref="PlaneLayout.PlaneOffset"/> tells.</summary>
    /// <param name="layout">How the elements were cut.</param>
    /// <param name="planeBuffer">At least <see cref="PlaneLayout.BufferLength"/> bytes that do not overlap the elements.</param>
    /// <param name="elements">Room for whole elements; at most <see cref="PlaneLayout.MaxElementBytes"/>.</param>
    /// <exception cref="ArgumentException">The elements are not whole or too many, or the buffer is too short.</exception>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.Corrupt"/>: a plane holds what no split writes.</exception>
    public static void Merge(PlaneLayout layout, ReadOnlySpan<byte> planeBuffer, Span<byte> elements) =>
        Merge(PlaneKernels.BestFor(layout.Id), layout, planeBuffer, elements);

    /// <summary>The same with a given kernel, which must be a supported one of this layout.</summary>
    internal static unsafe void Merge(PlaneKernel kernel, PlaneLayout layout, ReadOnlySpan<byte> planeBuffer, Span<byte> elements)
    {
        int elementCount = PlaneBinding.CheckedElementCount(layout, elements.Length, planeBuffer.Length);
        bool sound;
        fixed (byte* planes = planeBuffer, destination = elements)
        {
            sound = kernel.Merge(planes, layout.PlaneStride(elementCount), destination, elementCount);
        }

        if (layout.Id == PlaneLayoutId.Float16)
        {
            RefuseUnusedFloat16Bits(layout, planeBuffer, elementCount, exponentsSound: sound);
        }
    }

    /// <summary>Merging ignores these bits, so a changed one would otherwise go unnoticed (SPEC.md, "Float16").</summary>
    private static void RefuseUnusedFloat16Bits(PlaneLayout layout, ReadOnlySpan<byte> planeBuffer, int elementCount, bool exponentsSound)
    {
        if (!exponentsSound)
        {
            ReadOnlySpan<byte> exponents = planeBuffer[..elementCount];
            int at = exponents.IndexOfAnyExceptInRange((byte)0, Float16Format.MaxExponent);
            PlanesThrow.CorruptPlane(layout, 0, $"value {exponents[at]} at position {at} where at most {Float16Format.MaxExponent} is allowed");
        }

        int pairsInLastByte = elementCount % 4;
        if (pairsInLastByte != 0)
        {
            byte last = planeBuffer[layout.PlaneOffset(2, elementCount) + layout.PlaneLength(2, elementCount) - 1];
            if (last >> (2 * pairsInLastByte) != 0)
            {
                PlanesThrow.CorruptPlane(layout, 2, $"last byte 0x{last:X2} has bits set above its {pairsInLastByte} pairs");
            }
        }
    }
}
