namespace ModelPack.Planes;

/// <summary>What split and merge check before a kernel may run.</summary>
internal static class PlaneBinding
{
    /// <summary>The number of elements, once both buffers are known to hold what the kernel touches.</summary>
    /// <exception cref="ArgumentException">The elements are not whole or too many, or the buffer is too short.</exception>
    public static int CheckedElementCount(PlaneLayout layout, int elementBytes, int planeBufferLength)
    {
        (int elementCount, int rest) = Math.DivRem(elementBytes, layout.ElementSize);
        if (rest != 0)
        {
            PlanesThrow.PartialElement(layout, elementBytes);
        }

        int needed = layout.BufferLength(elementCount);
        if (planeBufferLength < needed)
        {
            PlanesThrow.BufferTooShort(layout, planeBufferLength, needed);
        }

        return elementCount;
    }
}
