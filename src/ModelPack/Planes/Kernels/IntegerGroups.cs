using System.Runtime.CompilerServices;

namespace ModelPack.Planes.Kernels;

/// <summary>As many 16-bit integers as a vector has bytes.</summary>
internal readonly unsafe struct Bytes2Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    public static int Count => T.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        LaneTranspose<T>.Split2(T.Load(elements), T.Load(elements + T.Width), out T b0, out T b1);
        T.Collect8(b0).Store(plane);
        T.Collect8(b1).Store(plane + stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        LaneTranspose<T>.Merge2(T.Deal8(T.Load(plane)), T.Deal8(T.Load(plane + stride)), out T e0, out T e1);
        MergedElements.Store(e0, elements);
        MergedElements.Store(e1, elements + T.Width);
        return true;
    }
}

/// <summary>As many 32-bit integers as a vector has bytes.</summary>
internal readonly unsafe struct Bytes4Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    public static int Count => T.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        LaneTranspose<T>.Split4(
            T.Load(elements), T.Load(elements + T.Width), T.Load(elements + (2 * T.Width)), T.Load(elements + (3 * T.Width)),
            out T b0, out T b1, out T b2, out T b3);
        T.Collect4(b0).Store(plane);
        T.Collect4(b1).Store(plane + stride);
        T.Collect4(b2).Store(plane + (2 * stride));
        T.Collect4(b3).Store(plane + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        LaneTranspose<T>.Merge4(
            T.Deal4(T.Load(plane)), T.Deal4(T.Load(plane + stride)),
            T.Deal4(T.Load(plane + (2 * stride))), T.Deal4(T.Load(plane + (3 * stride))),
            out T e0, out T e1, out T e2, out T e3);
        MergedElements.Store(e0, elements);
        MergedElements.Store(e1, elements + T.Width);
        MergedElements.Store(e2, elements + (2 * T.Width));
        MergedElements.Store(e3, elements + (3 * T.Width));
        return true;
    }
}
