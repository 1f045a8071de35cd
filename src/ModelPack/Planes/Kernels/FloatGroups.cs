using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelPack.Planes.Kernels;

/// <summary>One group of 64 BFloat16 values.</summary>
internal readonly unsafe struct BFloat16Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    public static int Count => GroupOrder.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            LaneTranspose<T>.Split2(T.Load(elements + at), T.Load(elements + Count + at), out T low, out T high);
            T noSign = T.Repeat(0x7F);
            T.Select(noSign, high, low).Store(plane + at);
            T.Select(noSign, low, high).Store(plane + stride + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            T exponent = T.Load(plane + at);
            T signMantissa = T.Load(plane + stride + at);
            T noSign = T.Repeat(0x7F);
            LaneTranspose<T>.Merge2(
                T.Select(noSign, signMantissa, exponent), T.Select(noSign, exponent, signMantissa), out T e0, out T e1);
            MergedElements.Store(e0, elements + at);
            MergedElements.Store(e1, elements + Count + at);
        }

        return true;
    }
}

/// <summary>One group of 64 Float16 values.</summary>
internal readonly unsafe struct Float16Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    public static int Count => GroupOrder.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        Vector128<byte> packed = Vector128<byte>.Zero;
        for (int at = 0; at < Count; at += T.Width)
        {
            LaneTranspose<T>.Split2(T.Load(elements + at), T.Load(elements + Count + at), out T low, out T high);
            T none = T.Repeat(0);
            T.Select(T.Repeat(0x3F), T.ShiftRight64(high, 1), none).Store(plane + at);
            low.Store(plane + stride + at);
            T pairs = T.Select(T.Repeat(2), T.ShiftRight64(high, 6), T.Select(T.Repeat(1), high, none));
            packed |= T.FoldPairs(pairs, at / Vector128<byte>.Count);
        }

        packed.Store(planes + (2 * stride) + (first >> 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        byte* packed = planes + (2 * stride) + (first >> 2);
        bool sound = true;
        for (int at = 0; at < Count; at += T.Width)
        {
            T exponent = T.Load(plane + at);
            sound &= !T.HasAny(exponent, T.Repeat(0xC0));
            // Each select keeps from what it shifts only bits that stayed in their byte.
            T pairs = T.SpreadPairs(packed, at / Vector128<byte>.Count);
            T signAndBit8 = T.Select(T.Repeat(0x80), T.ShiftLeft64(pairs, 6), pairs);
            T high = T.Select(T.Repeat(0x7E), T.ShiftLeft64(exponent, 1), signAndBit8);
            LaneTranspose<T>.Merge2(T.Load(plane + stride + at), high, out T e0, out T e1);
            MergedElements.Store(e0, elements + at);
            MergedElements.Store(e1, elements + Count + at);
        }

        return sound;
    }
}

/// <summary>One group of 64 Float32 values.</summary>
internal readonly unsafe struct Float32Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    // Bytes from a value to the one that group order puts beside it, 32 values on.
    private const int HalfGroup = GroupOrder.GroupSize / 2 * sizeof(float);

    public static int Count => GroupOrder.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            byte* near = elements + (2 * at);
            LaneTranspose<T>.Split4(
                T.Load(near), T.Load(near + T.Width), T.Load(near + HalfGroup), T.Load(near + HalfGroup + T.Width),
                out T b0, out T b1, out T b2, out T b3);
            T noSign = T.Repeat(0x7F);
            T.CollectGroup4(T.Select(noSign, b3, b2)).Store(plane + at);
            T.CollectGroup4(T.Select(noSign, b2, b3)).Store(plane + stride + at);
            T.CollectGroup4(b1).Store(plane + (2 * stride) + at);
            T.CollectGroup4(b0).Store(plane + (3 * stride) + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            T exponent = T.DealGroup4(T.Load(plane + at));
            T signMantissa = T.DealGroup4(T.Load(plane + stride + at));
            T noSign = T.Repeat(0x7F);
            LaneTranspose<T>.Merge4(
                T.DealGroup4(T.Load(plane + (3 * stride) + at)), T.DealGroup4(T.Load(plane + (2 * stride) + at)),
                T.Select(noSign, signMantissa, exponent), T.Select(noSign, exponent, signMantissa),
                out T e0, out T e1, out T e2, out T e3);
            byte* near = elements + (2 * at);
            MergedElements.Store(e0, near);
            MergedElements.Store(e1, near + T.Width);
            MergedElements.Store(e2, near + HalfGroup);
            MergedElements.Store(e3, near + HalfGroup + T.Width);
        }

        return true;
    }
}
