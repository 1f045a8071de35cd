using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Planes.Kernels;

/// <summary>One lane: SSE4.1 or Arm64 Advanced SIMD.</summary>
internal readonly unsafe struct Lanes128(Vector128<byte> bytes) : ILanes<Lanes128>
{
    private readonly Vector128<byte> _bytes = bytes;

    public static bool IsSupported => Vector128.IsHardwareAccelerated && (Sse41.IsSupported || AdvSimd.Arm64.IsSupported);

    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(byte* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Repeat(byte value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 RepeatLane(Vector128<byte> lane) => new(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Select(Lanes128 mask, Lanes128 set, Lanes128 clear) =>
        new(Vector128.ConditionalSelect(mask._bytes, set._bytes, clear._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasAny(Lanes128 bits, Lanes128 mask) => (bits._bytes & mask._bytes) != Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Shuffle(Lanes128 bytes, Lanes128 indices) => new(Vector128.ShuffleNative(bytes._bytes, indices._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveLow1(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackLow(a._bytes, b._bytes)
        : AdvSimd.Arm64.ZipLow(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveHigh1(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackHigh(a._bytes, b._bytes)
        : AdvSimd.Arm64.ZipHigh(a._bytes, b._bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveLow2(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackLow(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte()
        : AdvSimd.Arm64.ZipLow(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveHigh2(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackHigh(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte()
        : AdvSimd.Arm64.ZipHigh(a._bytes.AsUInt16(), b._bytes.AsUInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveLow4(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackLow(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte()
        : AdvSimd.Arm64.ZipLow(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveHigh4(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackHigh(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte()
        : AdvSimd.Arm64.ZipHigh(a._bytes.AsUInt32(), b._bytes.AsUInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveLow8(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackLow(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte()
        : AdvSimd.Arm64.ZipLow(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 InterleaveHigh8(Lanes128 a, Lanes128 b) => new(Sse2.IsSupported
        ? Sse2.UnpackHigh(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte()
        : AdvSimd.Arm64.ZipHigh(a._bytes.AsUInt64(), b._bytes.AsUInt64()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Deal8(Lanes128 plane) => plane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Collect8(Lanes128 dealt) => dealt;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Deal4(Lanes128 plane) => plane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Collect4(Lanes128 dealt) => dealt;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Deal2(Lanes128 plane) => plane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Collect2(Lanes128 dealt) => dealt;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 DealGroup4(Lanes128 plane) => plane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CollectGroup4(Lanes128 dealt) => dealt;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SpreadPairs(byte* packed, int firstLane) => new((Vector128.Load(packed).AsUInt64() >>> (2 * firstLane)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FoldPairs(Lanes128 pairs, int firstLane) => (pairs._bytes.AsUInt64() << (2 * firstLane)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftLeft64(Lanes128 units, int bits) => new((units._bytes.AsUInt64() << bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftRight64(Lanes128 units, int bits) => new((units._bytes.AsUInt64() >>> bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 RotateLeft64(Lanes128 units, int bits) =>
        new(((units._bytes.AsUInt64() << bits) | (units._bytes.AsUInt64() >>> (64 - bits))).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* destination) => _bytes.Store(destination);
}
