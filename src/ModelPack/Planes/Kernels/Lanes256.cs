using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Planes.Kernels;

/// <summary>Two lanes: AVX2.</summary>
internal readonly unsafe struct Lanes256(Vector256<byte> bytes) : ILanes<Lanes256>
{
    /// <summary>Eight-byte units 0 2 1 3.</summary>
    private const byte MiddleExchanged = 0b_11_01_10_00;

    private readonly Vector256<byte> _bytes = bytes;

    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

    public static int Width => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(byte* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Repeat(byte value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RepeatLane(Vector128<byte> lane) => new(Vector256.Create(lane, lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 set, Lanes256 clear) =>
        new(Vector256.ConditionalSelect(mask._bytes, set._bytes, clear._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasAny(Lanes256 bits, Lanes256 mask) => (bits._bytes & mask._bytes) != Vector256<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Shuffle(Lanes256 bytes, Lanes256 indices) => new(Avx2.Shuffle(bytes._bytes, indices._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveLow1(Lanes256 a, Lanes256 b) => new(Avx2.UnpackLow(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveHigh1(Lanes256 a, Lanes256 b) => new(Avx2.UnpackHigh(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveLow2(Lanes256 a, Lanes256 b) => new(Avx2.UnpackLow(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveHigh2(Lanes256 a, Lanes256 b) => new(Avx2.UnpackHigh(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveLow4(Lanes256 a, Lanes256 b) => new(Avx2.UnpackLow(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveHigh4(Lanes256 a, Lanes256 b) => new(Avx2.UnpackHigh(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveLow8(Lanes256 a, Lanes256 b) => new(Avx2.UnpackLow(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 InterleaveHigh8(Lanes256 a, Lanes256 b) => new(Avx2.UnpackHigh(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Deal8(Lanes256 plane) => new(Avx2.Permute4x64(plane._bytes.AsUInt64(), MiddleExchanged).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Collect8(Lanes256 dealt) => Deal8(dealt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Deal4(Lanes256 plane) =>
        new(Avx2.PermuteVar8x32(plane._bytes.AsUInt32(), Vector256.Create(0u, 2, 4, 6, 1, 3, 5, 7)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Collect4(Lanes256 dealt) =>
        new(Avx2.PermuteVar8x32(dealt._bytes.AsUInt32(), Vector256.Create(0u, 4, 1, 5, 2, 6, 3, 7)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Deal2(Lanes256 plane) =>
        Deal8(Shuffle(plane, RepeatLane(Vector128.Create((byte)0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Collect2(Lanes256 dealt) =>
        Shuffle(Deal8(dealt), RepeatLane(Vector128.Create((byte)0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 DealGroup4(Lanes256 plane) =>
        new(Avx2.PermuteVar8x32(plane._bytes.AsUInt32(), Vector256.Create(0u, 4, 2, 6, 1, 5, 3, 7)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CollectGroup4(Lanes256 dealt) => DealGroup4(dealt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SpreadPairs(byte* packed, int firstLane) => new(Avx2.ShiftRightLogicalVariable(
        Avx2.BroadcastVector128ToVector256((ulong*)packed), PairShifts(firstLane)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FoldPairs(Lanes256 pairs, int firstLane)
    {
        Vector256<ulong> lanes = Avx2.ShiftLeftLogicalVariable(pairs._bytes.AsUInt64(), PairShifts(firstLane));
        return (lanes.GetLower() | lanes.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftLeft64(Lanes256 units, int bits) => new((units._bytes.AsUInt64() << bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftRight64(Lanes256 units, int bits) => new((units._bytes.AsUInt64() >>> bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> PairShifts(int firstLane) => Vector256.Create(0UL, 0, 2, 2) + Vector256.Create(2 * (ulong)firstLane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RotateLeft64(Lanes256 units, int bits) =>
        new(((units._bytes.AsUInt64() << bits) | (units._bytes.AsUInt64() >>> (64 - bits))).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* destination) => _bytes.Store(destination);
}
