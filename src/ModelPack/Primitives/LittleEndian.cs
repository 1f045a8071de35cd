using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ModelPack.Primitives;

/// <summary>
/// Unaligned little-endian access without bounds checks, for kernels: the caller guarantees that all bytes of the access
/// lie inside the memory that the reference belongs to.
/// </summary>
internal static class LittleEndian
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadUInt64(ref readonly byte start, nuint offset)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), offset));
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteUInt64(ref byte start, nuint offset, ulong value) =>
        Unsafe.WriteUnaligned(
            ref Unsafe.AddByteOffset(ref start, offset), BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteUInt32(ref byte start, nuint offset, uint value) =>
        Unsafe.WriteUnaligned(
            ref Unsafe.AddByteOffset(ref start, offset), BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteUInt16(ref byte start, nuint offset, ushort value) =>
        Unsafe.WriteUnaligned(
            ref Unsafe.AddByteOffset(ref start, offset), BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));
}
