using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Reading;

/// <summary>Which .NET type stands for the elements of which dtype.</summary>
internal static class ElementType
{
    /// <summary>The dtype of a type's values; <see cref="Dtype.None"/> where there is none.</summary>
    public static Dtype DtypeOf<T>()
        where T : unmanaged => default(T) switch
        {
            bool => Dtype.Bool,
            byte => Dtype.U8,
            sbyte => Dtype.I8,
            ushort => Dtype.U16,
            short => Dtype.I16,
            uint => Dtype.U32,
            int => Dtype.I32,
            ulong => Dtype.U64,
            long => Dtype.I64,
            Half => Dtype.F16,
            BFloat16 => Dtype.BF16,
            float => Dtype.F32,
            double => Dtype.F64,
            Complex => Dtype.C128,
            _ => Dtype.None,
        };

    /// <summary>True when values of the type are elements of the dtype; bytes also stand for 8-bit floats, as their bit patterns.</summary>
    public static bool IsOf<T>(Dtype dtype)
        where T : unmanaged =>
        dtype != Dtype.None && (DtypeOf<T>() == dtype || (typeof(T) == typeof(byte) && dtype is >= Dtype.F8E4M3 and <= Dtype.F8E8M0));

    /// <summary>Makes values of what a file holds: little-endian elements, and booleans of which any bit may be set.</summary>
    public static void FromFile<T>(Span<T> elements)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(elements);
        if (typeof(T) == typeof(bool))
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = bytes[i] == 0 ? (byte)0 : (byte)1;
            }
        }
        else if (!BitConverter.IsLittleEndian)
        {
            Reverse(bytes, typeof(T) == typeof(Complex) ? sizeof(double) : Unsafe.SizeOf<T>());
        }
    }

    private static void Reverse(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case sizeof(ushort):
                Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case sizeof(uint):
                Span<uint> doubleWords = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(doubleWords, doubleWords);
                break;
            case sizeof(ulong):
                Span<ulong> quadWords = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(quadWords, quadWords);
                break;
            default:
                break;
        }
    }
}
