using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelPack.Planes.Kernels;

/// <summary>As many 64-bit integers as a vector has bytes.</summary>
internal readonly unsafe struct Bytes8Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    public static int Count => T.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first) =>
        EightBytePlanes<T, AsIs>.Split(elements, planes + first, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements) =>
        EightBytePlanes<T, AsIs>.Merge(planes + first, stride, elements);

    /// <summary>The bits of an integer stay where they are.</summary>
    private readonly struct AsIs : IRotation<T>
    {
        public static T Before(T elements) => elements;

        public static T After(T elements) => elements;
    }
}

/// <summary>As many Float64 values as a vector has bytes: rotated, and the lowest byte in the last plane.</summary>
internal readonly unsafe struct Float64Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    private const int LastPlane = 7;

    public static int Count => T.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first) =>
        EightBytePlanes<T, SignToBottom>.Split(elements, planes + (LastPlane * stride) + first, -stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements) =>
        EightBytePlanes<T, SignToBottom>.Merge(planes + (LastPlane * stride) + first, -stride, elements);

    /// <summary>One bit to the left, so that the exponent's high eight bits are a byte.</summary>
    private readonly struct SignToBottom : IRotation<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Before(T elements) => T.RotateLeft64(elements, 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T After(T elements) => T.RotateLeft64(elements, 63);
    }
}

/// <summary>What happens to the bits of 64-bit elements before they are cut and after they are joined.</summary>
internal interface IRotation<T>
{
    static abstract T Before(T elements);

    static abstract T After(T elements);
}

/// <summary>
/// Eight planes and 64-bit elements: lowest points to the plane of byte 0, and each higher byte's plane
/// lies step bytes further.
/// </summary>
internal static unsafe class EightBytePlanes<T, TRotation>
    where T : struct, ILanes<T>
    where TRotation : struct, IRotation<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* lowest, nint step)
    {
        // Eight vectors of one byte a word and plane, then an 8 × 8 transpose of words in three rounds.
        T a0 = LoadBytesTogether(elements);
        T a1 = LoadBytesTogether(elements + T.Width);
        T a2 = LoadBytesTogether(elements + (2 * T.Width));
        T a3 = LoadBytesTogether(elements + (3 * T.Width));
        T a4 = LoadBytesTogether(elements + (4 * T.Width));
        T a5 = LoadBytesTogether(elements + (5 * T.Width));
        T a6 = LoadBytesTogether(elements + (6 * T.Width));
        T a7 = LoadBytesTogether(elements + (7 * T.Width));
        SplitHalf(
            T.InterleaveLow2(a0, a1), T.InterleaveLow2(a2, a3), T.InterleaveLow2(a4, a5), T.InterleaveLow2(a6, a7), lowest, step);
        SplitHalf(
            T.InterleaveHigh2(a0, a1), T.InterleaveHigh2(a2, a3), T.InterleaveHigh2(a4, a5), T.InterleaveHigh2(a6, a7),
            lowest + (4 * step), step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* lowest, nint step, byte* elements)
    {
        LaneTranspose<T>.Merge4(
            T.Deal2(T.Load(lowest)), T.Deal2(T.Load(lowest + step)),
            T.Deal2(T.Load(lowest + (2 * step))), T.Deal2(T.Load(lowest + (3 * step))),
            out T l0, out T l1, out T l2, out T l3);
        LaneTranspose<T>.Merge4(
            T.Deal2(T.Load(lowest + (4 * step))), T.Deal2(T.Load(lowest + (5 * step))),
            T.Deal2(T.Load(lowest + (6 * step))), T.Deal2(T.Load(lowest + (7 * step))),
            out T h0, out T h1, out T h2, out T h3);
        StoreJoined(l0, h0, elements);
        StoreJoined(l1, h1, elements + (2 * T.Width));
        StoreJoined(l2, h2, elements + (4 * T.Width));
        StoreJoined(l3, h3, elements + (6 * T.Width));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T LoadBytesTogether(byte* elements) => T.Shuffle(
        TRotation.Before(T.Load(elements)),
        T.RepeatLane(Vector128.Create((byte)0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitHalf(T a01, T a23, T a45, T a67, byte* lowest, nint step)
    {
        T low0 = T.InterleaveLow4(a01, a23);
        T low1 = T.InterleaveLow4(a45, a67);
        T high0 = T.InterleaveHigh4(a01, a23);
        T high1 = T.InterleaveHigh4(a45, a67);
        T.Collect2(T.InterleaveLow8(low0, low1)).Store(lowest);
        T.Collect2(T.InterleaveHigh8(low0, low1)).Store(lowest + step);
        T.Collect2(T.InterleaveLow8(high0, high1)).Store(lowest + (2 * step));
        T.Collect2(T.InterleaveHigh8(high0, high1)).Store(lowest + (3 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreJoined(T low, T high, byte* elements)
    {
        MergedElements.Store(TRotation.After(T.InterleaveLow4(low, high)), elements);
        MergedElements.Store(TRotation.After(T.InterleaveHigh4(low, high)), elements + T.Width);
    }
}
