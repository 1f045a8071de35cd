using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Planes;

/// <summary>Throw helpers of this room. Only <see cref="CorruptPlane"/> speaks of data; the rest are bugs of a caller.</summary>
internal static class PlanesThrow
{
    /// <summary>A plane holds what no split writes.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="plane">The plane's number.</param>
    /// <param name="reason">What was found and what was allowed.</param>
    [DoesNotReturn]
    public static void CorruptPlane(PlaneLayout layout, int plane, string reason) =>
        throw new ModelPackException(ModelPackError.Corrupt, $"{layout.Id} plane {plane} ({layout.PlaneNames[plane]}): {reason}");

    [DoesNotReturn]
    public static void NoSuchPlane(PlaneLayout layout, int plane) =>
        throw new ArgumentOutOfRangeException(nameof(plane), plane, $"{layout.Id} has {layout.PlaneCount} planes");

    [DoesNotReturn]
    public static void TooManyElements(PlaneLayout layout, int elementCount) =>
        throw new ArgumentOutOfRangeException(
            nameof(elementCount), elementCount, $"a {layout.Id} block has 0 to {PlaneLayout.MaxElementBytes / layout.ElementSize} elements");

    [DoesNotReturn]
    public static void PartialElement(PlaneLayout layout, int elementBytes) =>
        throw new ArgumentException($"{elementBytes} bytes are no whole number of {layout.ElementSize}-byte elements ({layout.Id})");

    [DoesNotReturn]
    public static void BufferTooShort(PlaneLayout layout, int found, int needed) =>
        throw new ArgumentException($"the plane buffer has {found} bytes where {layout.Id} needs {needed}");
}
