using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelPack.Planes.Kernels;

/// <summary>
/// Turns vectors of plane bytes into vectors of elements and back, inside each 128-bit lane: unit r of a plane vector's lane
/// goes to the lane of element vector r.
/// </summary>
internal static class LaneTranspose<T>
    where T : struct, ILanes<T>
{
    /// <summary>Two planes to 16-bit elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Merge2(T b0, T b1, out T e0, out T e1)
    {
        e0 = T.InterleaveLow1(b0, b1);
        e1 = T.InterleaveHigh1(b0, b1);
    }

    /// <summary>16-bit elements to two planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split2(T e0, T e1, out T b0, out T b1)
    {
        T bytesTogether = T.RepeatLane(Vector128.Create((byte)0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
        e0 = T.Shuffle(e0, bytesTogether);
        e1 = T.Shuffle(e1, bytesTogether);
        b0 = T.InterleaveLow8(e0, e1);
        b1 = T.InterleaveHigh8(e0, e1);
    }

    /// <summary>Four planes to 32-bit elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Merge4(T b0, T b1, T b2, T b3, out T e0, out T e1, out T e2, out T e3)
    {
        T low0 = T.InterleaveLow1(b0, b1);
        T low1 = T.InterleaveHigh1(b0, b1);
        T high0 = T.InterleaveLow1(b2, b3);
        T high1 = T.InterleaveHigh1(b2, b3);
        e0 = T.InterleaveLow2(low0, high0);
        e1 = T.InterleaveHigh2(low0, high0);
        e2 = T.InterleaveLow2(low1, high1);
        e3 = T.InterleaveHigh2(low1, high1);
    }

    /// <summary>32-bit elements to four planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split4(T e0, T e1, T e2, T e3, out T b0, out T b1, out T b2, out T b3)
    {
        T bytesTogether = T.RepeatLane(Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
        e0 = T.Shuffle(e0, bytesTogether);
        e1 = T.Shuffle(e1, bytesTogether);
        e2 = T.Shuffle(e2, bytesTogether);
        e3 = T.Shuffle(e3, bytesTogether);
        T low01 = T.InterleaveLow4(e0, e1);
        T low23 = T.InterleaveLow4(e2, e3);
        T high01 = T.InterleaveHigh4(e0, e1);
        T high23 = T.InterleaveHigh4(e2, e3);
        b0 = T.InterleaveLow8(low01, low23);
        b1 = T.InterleaveHigh8(low01, low23);
        b2 = T.InterleaveLow8(high01, high23);
        b3 = T.InterleaveHigh8(high01, high23);
    }
}
