using System.Numerics;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>
/// Kernel: literals of several bytes and the streams of their bytes (SPEC.md, "Literals"). Rotated, the sign of a float goes
/// to the lowest bit, so that the highest byte is its exponent's.
/// </summary>
internal static class LzUnits
{
    /// <summary>Appends units to streams.</summary>
    /// <param name="units">Whole units.</param>
    /// <param name="unitShift">1 to 3.</param>
    /// <param name="isRotated">Whether to rotate them left by one bit.</param>
    /// <param name="streams">The streams, each of <paramref name="stride"/> bytes.</param>
    /// <param name="stride">Distance of the streams.</param>
    /// <param name="at">Where to write in each.</param>
    public static void Split(ReadOnlySpan<byte> units, int unitShift, bool isRotated, Span<byte> streams, int stride, int at)
    {
        int unit = 1 << unitShift;
        for (int from = 0; from < units.Length; from += unit, at++)
        {
            ulong value = Read(units.Slice(from, unit));
            value = isRotated ? Rotate(value, unitShift, 1) : value;
            for (int i = 0; i < unit; i++)
            {
                streams[(i * stride) + at] = (byte)(value >> (8 * i));
            }
        }
    }

    /// <summary>Inverse of <see cref="Split"/>.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void Merge(ReadOnlySpan<byte> streams, int stride, int unitShift, bool isRotated, Span<byte> units)
    {
        int unit = 1 << unitShift;
        int count = units.Length >> unitShift;
        for (int at = 0; at < count; at++)
        {
            ulong value = 0;
            for (int i = 0; i < unit; i++)
            {
                value |= (ulong)streams[(i * stride) + at] << (8 * i);
            }

            value = isRotated ? Rotate(value, unitShift, (8 << unitShift) - 1) : value;
            Write(units.Slice(at << unitShift, unit), value);
        }
    }

    private static ulong Rotate(ulong value, int unitShift, int by) => unitShift switch
    {
        1 => (ushort)((value << by) | (value >> (16 - by))),
        2 => BitOperations.RotateLeft((uint)value, by),
        _ => BitOperations.RotateLeft(value, by),
    };

    private static ulong Read(ReadOnlySpan<byte> unit)
    {
        ulong value = 0;
        for (int i = 0; i < unit.Length; i++)
        {
            value |= (ulong)unit[i] << (8 * i);
        }

        return value;
    }

    private static void Write(Span<byte> unit, ulong value)
    {
        for (int i = 0; i < unit.Length; i++)
        {
            unit[i] = (byte)(value >> (8 * i));
        }
    }
}
