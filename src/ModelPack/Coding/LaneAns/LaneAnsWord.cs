using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>The stream's words: 8 bytes, little-endian, at any address.</summary>
internal static unsafe class LaneAnsWord
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(byte* from)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(from);
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* to, ulong word) =>
        Unsafe.WriteUnaligned(to, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
}
