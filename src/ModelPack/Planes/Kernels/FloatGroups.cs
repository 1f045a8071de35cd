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
            SplitVector(elements + at, plane + stride + at).Store(plane + at);
        }
    }

    /// <summary>Cuts a vector of the group and returns its bytes of plane 0; the mirror of <see cref="MergeVector"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SplitVector(byte* elements, byte* signMantissa)
    {
        LaneTranspose<T>.Split2(T.Load(elements), T.Load(elements + Count), out T low, out T high);
        T noSign = T.Repeat(0x7F);
        T.Select(noSign, low, high).Store(signMantissa);
        return T.Select(noSign, high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            MergeVector(T.Load(plane + at), plane + stride + at, elements + at);
        }

        return true;
    }

    /// <summary>Joins a vector of the group.</summary>
    /// <param name="exponent">Its bytes of plane 0.</param>
    /// <param name="signMantissa">Where its bytes of plane 1 are.</param>
    /// <param name="elements">Where the group's elements go, plus the vector's place in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MergeVector(T exponent, byte* signMantissa, byte* elements)
    {
        T rest = T.Load(signMantissa);
        T noSign = T.Repeat(0x7F);
        LaneTranspose<T>.Merge2(T.Select(noSign, rest, exponent), T.Select(noSign, exponent, rest), out T e0, out T e1);
        MergedElements.Store(e0, elements);
        MergedElements.Store(e1, elements + Count);
    }
}

/// <summary>One group of 64 Float16 values.</summary>
internal readonly unsafe struct Float16Group<T> : IElementGroup
    where T : struct, ILanes<T>
{
    /// <summary>Bits of plane 0 that every split writes as zero.</summary>
    public const byte UnusedExponentBits = 0xC0;

    public static int Count => GroupOrder.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* elements, byte* planes, nint stride, nint first)
    {
        byte* plane = planes + first;
        Vector128<byte> packed = Vector128<byte>.Zero;
        for (int at = 0; at < Count; at += T.Width)
        {
            SplitVector(elements + at, plane + stride + at, at / Vector128<byte>.Count, ref packed).Store(plane + at);
        }

        packed.Store(planes + (2 * stride) + (first >> 2));
    }

    /// <summary>Cuts a vector of the group and returns its bytes of plane 0; the mirror of <see cref="MergeVector"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SplitVector(byte* elements, byte* mantissa, int firstLane, ref Vector128<byte> packed)
    {
        LaneTranspose<T>.Split2(T.Load(elements), T.Load(elements + Count), out T low, out T high);
        low.Store(mantissa);
        T none = T.Repeat(0);
        T pairs = T.Select(T.Repeat(2), T.ShiftRight64(high, 6), T.Select(T.Repeat(1), high, none));
        packed |= T.FoldPairs(pairs, firstLane);
        return T.Select(T.Repeat(0x3F), T.ShiftRight64(high, 1), none);
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
            sound &= !T.HasAny(exponent, T.Repeat(UnusedExponentBits));
            MergeVector(exponent, plane + stride + at, packed, at / Vector128<byte>.Count, elements + at);
        }

        return sound;
    }

    /// <summary>Joins a vector of the group.</summary>
    /// <param name="exponent">Its bytes of plane 0, without <see cref="UnusedExponentBits"/>.</param>
    /// <param name="mantissa">Where its bytes of plane 1 are.</param>
    /// <param name="packed">Where the group's bytes of plane 2 are.</param>
    /// <param name="firstLane">Number of 128-bit lanes of the group before the vector.</param>
    /// <param name="elements">Where the group's elements go, plus the vector's place in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MergeVector(T exponent, byte* mantissa, byte* packed, int firstLane, byte* elements)
    {
        // Each select keeps from what it shifts only bits that stayed in their byte.
        T pairs = T.SpreadPairs(packed, firstLane);
        T signAndBit8 = T.Select(T.Repeat(0x80), T.ShiftLeft64(pairs, 6), pairs);
        T high = T.Select(T.Repeat(0x7E), T.ShiftLeft64(exponent, 1), signAndBit8);
        LaneTranspose<T>.Merge2(T.Load(mantissa), high, out T e0, out T e1);
        MergedElements.Store(e0, elements);
        MergedElements.Store(e1, elements + Count);
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
            byte* vector = plane + at;
            SplitVector(elements + (2 * at), vector + stride, vector + (2 * stride), vector + (3 * stride)).Store(vector);
        }
    }

    /// <summary>Cuts a vector of the group and returns its bytes of plane 0; the mirror of <see cref="MergeVector"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SplitVector(byte* elements, byte* signMantissa, byte* middle, byte* low)
    {
        LaneTranspose<T>.Split4(
            T.Load(elements), T.Load(elements + T.Width), T.Load(elements + HalfGroup), T.Load(elements + HalfGroup + T.Width),
            out T b0, out T b1, out T b2, out T b3);
        T noSign = T.Repeat(0x7F);
        T.CollectGroup4(T.Select(noSign, b2, b3)).Store(signMantissa);
        T.CollectGroup4(b1).Store(middle);
        T.CollectGroup4(b0).Store(low);
        return T.CollectGroup4(T.Select(noSign, b3, b2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, nint stride, nint first, byte* elements)
    {
        byte* plane = planes + first;
        for (int at = 0; at < Count; at += T.Width)
        {
            byte* vector = plane + at;
            MergeVector(T.Load(vector), vector + stride, vector + (2 * stride), vector + (3 * stride), elements + (2 * at));
        }

        return true;
    }

    /// <summary>Joins a vector of the group.</summary>
    /// <param name="exponent">Its bytes of plane 0.</param>
    /// <param name="signMantissa">Where its bytes of plane 1 are.</param>
    /// <param name="middle">Where its bytes of plane 2 are.</param>
    /// <param name="low">Where its bytes of plane 3 are.</param>
    /// <param name="elements">Where the group's elements go, plus twice the vector's place in the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MergeVector(T exponent, byte* signMantissa, byte* middle, byte* low, byte* elements)
    {
        exponent = T.DealGroup4(exponent);
        T rest = T.DealGroup4(T.Load(signMantissa));
        T noSign = T.Repeat(0x7F);
        LaneTranspose<T>.Merge4(
            T.DealGroup4(T.Load(low)), T.DealGroup4(T.Load(middle)),
            T.Select(noSign, rest, exponent), T.Select(noSign, exponent, rest),
            out T e0, out T e1, out T e2, out T e3);
        MergedElements.Store(e0, elements);
        MergedElements.Store(e1, elements + T.Width);
        MergedElements.Store(e2, elements + HalfGroup);
        MergedElements.Store(e3, elements + HalfGroup + T.Width);
    }
}
