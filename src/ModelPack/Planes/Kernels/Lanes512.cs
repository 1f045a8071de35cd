using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Planes.Kernels;

/// <summary>
/// Four lanes: AVX-512 with byte and word instructions, unless the runtime knows that 512-bit vectors slow this processor.
/// </summary>
internal readonly unsafe struct Lanes512(Vector512<byte> bytes) : ILanes<Lanes512>
{
    private readonly Vector512<byte> _bytes = bytes;

    /// <summary>The vector itself, for kernels that go on with it.</summary>
    public Vector512<byte> Bytes => _bytes;

    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Width => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(byte* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Repeat(byte value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RepeatLane(Vector128<byte> lane) => new(Vector512.Create(Vector256.Create(lane, lane), Vector256.Create(lane, lane)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Select(Lanes512 mask, Lanes512 set, Lanes512 clear) =>
        new(Vector512.ConditionalSelect(mask._bytes, set._bytes, clear._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasAny(Lanes512 bits, Lanes512 mask) => (bits._bytes & mask._bytes) != Vector512<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Shuffle(Lanes512 bytes, Lanes512 indices) => new(Avx512BW.Shuffle(bytes._bytes, indices._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveLow1(Lanes512 a, Lanes512 b) => new(Avx512BW.UnpackLow(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveHigh1(Lanes512 a, Lanes512 b) => new(Avx512BW.UnpackHigh(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveLow2(Lanes512 a, Lanes512 b) => new(Avx512BW.UnpackLow(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveHigh2(Lanes512 a, Lanes512 b) => new(Avx512BW.UnpackHigh(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveLow4(Lanes512 a, Lanes512 b) => new(Avx512F.UnpackLow(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveHigh4(Lanes512 a, Lanes512 b) => new(Avx512F.UnpackHigh(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveLow8(Lanes512 a, Lanes512 b) => new(Avx512F.UnpackLow(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 InterleaveHigh8(Lanes512 a, Lanes512 b) => new(Avx512F.UnpackHigh(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Deal8(Lanes512 plane) =>
        new(Avx512F.PermuteVar8x64(plane._bytes.AsUInt64(), Vector512.Create(0UL, 4, 1, 5, 2, 6, 3, 7)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Collect8(Lanes512 dealt) =>
        new(Avx512F.PermuteVar8x64(dealt._bytes.AsUInt64(), Vector512.Create(0UL, 2, 4, 6, 1, 3, 5, 7)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Deal4(Lanes512 plane) =>
        new(Avx512F.PermuteVar16x32(plane._bytes.AsUInt32(), Vector512.Create(0u, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Collect4(Lanes512 dealt) =>
        new(Avx512F.PermuteVar16x32(dealt._bytes.AsUInt32(), Vector512.Create(0u, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Deal2(Lanes512 plane) =>
        new(Avx512BW.PermuteVar32x16(plane._bytes.AsUInt16(), Vector512.Create(
            (ushort)0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29,
            2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Collect2(Lanes512 dealt) =>
        new(Avx512BW.PermuteVar32x16(dealt._bytes.AsUInt16(), Vector512.Create(
            (ushort)0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27,
            4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 DealGroup4(Lanes512 plane) =>
        new(Avx512F.PermuteVar16x32(plane._bytes.AsUInt32(), Vector512.Create(0u, 8, 2, 10, 1, 9, 3, 11, 4, 12, 6, 14, 5, 13, 7, 15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 CollectGroup4(Lanes512 dealt) =>
        new(Avx512F.PermuteVar16x32(dealt._bytes.AsUInt32(), Vector512.Create(0u, 4, 2, 6, 8, 12, 10, 14, 1, 5, 3, 7, 9, 13, 11, 15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SpreadPairs(byte* packed, int firstLane) => new(Avx512F.ShiftRightLogicalVariable(
        Avx512F.BroadcastVector128ToVector512((uint*)packed).AsUInt64(), PairShifts(firstLane)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FoldPairs(Lanes512 pairs, int firstLane)
    {
        Vector512<ulong> lanes = Avx512F.ShiftLeftLogicalVariable(pairs._bytes.AsUInt64(), PairShifts(firstLane));
        Vector256<ulong> two = lanes.GetLower() | lanes.GetUpper();
        return (two.GetLower() | two.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftLeft64(Lanes512 units, int bits) => new((units._bytes.AsUInt64() << bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftRight64(Lanes512 units, int bits) => new((units._bytes.AsUInt64() >>> bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> PairShifts(int firstLane) => Vector512.Create(0UL, 0, 2, 2, 4, 4, 6, 6) + Vector512.Create(2 * (ulong)firstLane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RotateLeft64(Lanes512 units, int bits) =>
        new(((units._bytes.AsUInt64() << bits) | (units._bytes.AsUInt64() >>> (64 - bits))).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* destination) => _bytes.Store(destination);
}
