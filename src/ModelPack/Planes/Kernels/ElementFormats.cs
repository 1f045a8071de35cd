using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ModelPack.Planes.Kernels;

/// <summary>Little-endian integers of two, four or eight bytes: plane p holds byte p (SPEC.md, "Bytes2, Bytes4, Bytes8").</summary>
internal readonly unsafe struct IntegerFormat<TSize> : IElementFormat
    where TSize : struct, IElementSize
{
    public static int ElementSize => TSize.Bytes;

    public static bool IsGrouped => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* element, byte* planes, int stride, PlanePosition position)
    {
        for (int plane = 0; plane < TSize.Bytes; plane++)
        {
            planes[((nint)plane * stride) + position.Index] = element[plane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, int stride, PlanePosition position, byte* element)
    {
        for (int plane = 0; plane < TSize.Bytes; plane++)
        {
            element[plane] = planes[((nint)plane * stride) + position.Index];
        }

        return true;
    }
}

/// <summary>SPEC.md, "BFloat16".</summary>
internal readonly unsafe struct BFloat16Format : IElementFormat
{
    public static int ElementSize => 2;

    public static bool IsGrouped => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* element, byte* planes, int stride, PlanePosition position)
    {
        byte* plane = planes + position.Index;
        (plane[0], plane[stride]) = SignSwap.Swap(element[1], element[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, int stride, PlanePosition position, byte* element)
    {
        byte* plane = planes + position.Index;
        (element[1], element[0]) = SignSwap.Swap(plane[0], plane[stride]);
        return true;
    }
}

/// <summary>SPEC.md, "Float32".</summary>
internal readonly unsafe struct Float32Format : IElementFormat
{
    public static int ElementSize => 4;

    public static bool IsGrouped => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* element, byte* planes, int stride, PlanePosition position)
    {
        byte* plane = planes + position.Index;
        (plane[0], plane[stride]) = SignSwap.Swap(element[3], element[2]);
        plane[2 * (nint)stride] = element[1];
        plane[3 * (nint)stride] = element[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, int stride, PlanePosition position, byte* element)
    {
        byte* plane = planes + position.Index;
        (element[3], element[2]) = SignSwap.Swap(plane[0], plane[stride]);
        element[1] = plane[2 * (nint)stride];
        element[0] = plane[3 * (nint)stride];
        return true;
    }
}

/// <summary>SPEC.md, "Float64".</summary>
internal readonly unsafe struct Float64Format : IElementFormat
{
    public static int ElementSize => 8;

    public static bool IsGrouped => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* element, byte* planes, int stride, PlanePosition position)
    {
        ulong rotated = ulong.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(element, sizeof(ulong))), 1);
        for (int plane = 0; plane < sizeof(ulong); plane++)
        {
            planes[((nint)plane * stride) + position.Index] = (byte)(rotated >> (56 - (8 * plane)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, int stride, PlanePosition position, byte* element)
    {
        ulong rotated = 0;
        for (int plane = 0; plane < sizeof(ulong); plane++)
        {
            rotated = (rotated << 8) | planes[((nint)plane * stride) + position.Index];
        }

        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(element, sizeof(ulong)), ulong.RotateRight(rotated, 1));
        return true;
    }
}

/// <summary>SPEC.md, "Float16".</summary>
internal readonly unsafe struct Float16Format : IElementFormat
{
    /// <summary>Largest value in plane 0: five exponent bits and a mantissa bit.</summary>
    public const byte MaxExponent = 63;

    public static int ElementSize => 2;

    public static bool IsGrouped => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(byte* element, byte* planes, int stride, PlanePosition position)
    {
        int high = element[1];
        planes[position.Index] = (byte)((high >> 1) & 0x3F);
        planes[stride + position.Index] = element[0];
        (int at, int shift) = PairPlace(position);
        int pair = ((high >> 6) & 2) | (high & 1);
        byte* pairs = planes + (2 * (nint)stride) + at;
        // The first pair of a byte comes first, so it also clears what the buffer held before.
        *pairs = (byte)(shift == 0 ? pair : *pairs | (pair << shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Merge(byte* planes, int stride, PlanePosition position, byte* element)
    {
        (int at, int shift) = PairPlace(position);
        int pair = planes[(2 * (nint)stride) + at] >> shift;
        int exponent = planes[position.Index];
        element[1] = (byte)(((pair & 2) << 6) | (exponent << 1) | (pair & 1));
        element[0] = planes[stride + position.Index];
        return exponent <= MaxExponent;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int At, int Shift) PairPlace(PlanePosition position)
    {
        int index = position.Index;
        return position.InFullGroup
            ? ((index / GroupOrder.GroupSize * 16) + (index % 16), index % GroupOrder.GroupSize / 16 * 2)
            : (index / 4, index % 4 * 2);
    }
}

/// <summary>
/// Exchanges the top bits of a float's two high bytes: the exponent becomes one byte (rotated right by one bit), sign and
/// upper mantissa the other. Its own inverse.
/// </summary>
internal static class SignSwap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (byte, byte) Swap(byte first, byte second) =>
        ((byte)((first & 0x7F) | (second & 0x80)), (byte)((second & 0x7F) | (first & 0x80)));
}

/// <summary>A number of bytes as a type.</summary>
internal interface IElementSize
{
    static abstract int Bytes { get; }
}

internal readonly struct TwoBytes : IElementSize
{
    public static int Bytes => 2;
}

internal readonly struct FourBytes : IElementSize
{
    public static int Bytes => 4;
}

internal readonly struct EightBytes : IElementSize
{
    public static int Bytes => 8;
}
