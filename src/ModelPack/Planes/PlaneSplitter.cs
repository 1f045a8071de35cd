using ModelPack.Planes.Kernels;

namespace ModelPack.Planes;

/// <summary>Cuts the elements of a block into byte planes (SPEC.md). The mirror of <see cref="PlaneMerger"/>.</summary>
internal static class PlaneSplitter
{
    /// <summary>
    /// Fills every plane of <paramref name="planeBuffer"/>, at the offsets that <see cref="PlaneLayout.PlaneOffset"/> tells.
    /// Bytes of the buffer that belong to no plane are undefined afterwards.
    /// </summary>
    /// <param name="layout">How to cut.</param>
    /// <param name="elements">Whole elements, as in the file; at most <see cref="PlaneLayout.MaxElementBytes"/>.</param>
    /// <param name="planeBuffer">At least <see cref="PlaneLayout.BufferLength"/> bytes that do not overlap the elements.</param>
    /// <exception cref="ArgumentException">The elements are not whole or too many, or the buffer is too short.</exception>
    public static void Split(PlaneLayout layout, ReadOnlySpan<byte> elements, Span<byte> planeBuffer) =>
        Split(PlaneKernels.BestFor(layout.Id), layout, elements, planeBuffer);

    /// <summary>The same with a given kernel, which must be a supported one of this layout.</summary>
    internal static unsafe void Split(PlaneKernel kernel, PlaneLayout layout, ReadOnlySpan<byte> elements, Span<byte> planeBuffer)
    {
        int elementCount = PlaneBinding.CheckedElementCount(layout, elements.Length, planeBuffer.Length);
        fixed (byte* source = elements, planes = planeBuffer)
        {
            kernel.Split(source, planes, layout.PlaneStride(elementCount), elementCount);
        }
    }

    /// <summary>The same with each plane right behind the one before, not aligned and without slack: as stored planes lie in a block.</summary>
    /// <param name="layout">How to cut; one of floats, whose kernels write no byte outside their planes.</param>
    /// <param name="elements">Whole elements.</param>
    /// <param name="planes">As many bytes as all planes together; no overlap with the elements.</param>
    /// <exception cref="ArgumentException">The elements are not whole or too many, or the planes have another length.</exception>
    public static unsafe void SplitClosely(PlaneLayout layout, ReadOnlySpan<byte> elements, Span<byte> planes)
    {
        int count = PlaneBinding.CheckedCloseElementCount(layout, elements.Length, planes.Length);
        fixed (byte* source = elements, start = planes)
        {
            PlaneKernels.BestFor(layout.Id).Split(source, start, count, count);
        }
    }
}
