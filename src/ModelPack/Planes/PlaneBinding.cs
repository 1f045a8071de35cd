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

    /// <summary>The number of elements, once it is known that their planes fill the buffer exactly.</summary>
    /// <exception cref="ArgumentException">The elements are not whole or too many, the layout is not one of floats, or the buffer has another length.</exception>
    public static int CheckedCloseElementCount(PlaneLayout layout, int elementBytes, int planesLength)
    {
        (int elementCount, int rest) = Math.DivRem(elementBytes, layout.ElementSize);
        if (rest != 0)
        {
            PlanesThrow.PartialElement(layout, elementBytes);
        }

        int needed = 0;
        for (int plane = 0; plane < layout.PlaneCount; plane++)
        {
            needed += layout.PlaneLength(plane, elementCount);
        }

        // Only the last plane may be shorter than one byte an element, or its start would be elsewhere.
        if (planesLength != needed || !layout.IsOfFloats)
        {
            PlanesThrow.BufferTooShort(layout, planesLength, needed);
        }

        return elementCount;
    }
}
