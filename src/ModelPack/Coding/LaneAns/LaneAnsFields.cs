using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// The four bytes of table entries, from the lowest on, looked up for 32 lanes one by one and transposed to a register for each
/// byte. Needs AVX2.
/// </summary>
internal unsafe struct LaneAnsFields256
{
    public Vector256<byte> First;
    public Vector256<byte> Second;
    public Vector256<byte> Third;
    public Vector256<byte> Fourth;

    /// <param name="entries">Starts of 256 entries.</param>
    /// <param name="stride">From one to the next, in units of four bytes; a constant.</param>
    /// <param name="lanes">The entry of each lane, 32 bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaneAnsFields256 LookUp(uint* entries, nuint stride, byte* lanes)
    {
        // Lanes 0 to 3 and 16 to 19, then the next of each half.
        Vector256<uint> a = LookUp(entries, stride, lanes, lanes + 16);
        Vector256<uint> b = LookUp(entries, stride, lanes + 4, lanes + 20);
        Vector256<uint> c = LookUp(entries, stride, lanes + 8, lanes + 24);
        Vector256<uint> d = LookUp(entries, stride, lanes + 12, lanes + 28);
        Vector256<ulong> lowerAb = Avx2.UnpackLow(a, b).AsUInt64();
        Vector256<ulong> lowerCd = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> upperAb = Avx2.UnpackHigh(a, b).AsUInt64();
        Vector256<ulong> upperCd = Avx2.UnpackHigh(c, d).AsUInt64();
        return new LaneAnsFields256
        {
            First = Avx2.UnpackLow(lowerAb, lowerCd).AsByte(),
            Second = Avx2.UnpackHigh(lowerAb, lowerCd).AsByte(),
            Third = Avx2.UnpackLow(upperAb, upperCd).AsByte(),
            Fourth = Avx2.UnpackHigh(upperAb, upperCd).AsByte(),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> LookUp(uint* entries, nuint stride, byte* lanes, byte* otherLanes) =>
        Avx2.InsertVector128(LookUpFour(entries, stride, lanes).ToVector256Unsafe(), LookUpFour(entries, stride, otherLanes), 1);

    // The first byte of four entries, then the second and so on. One load and shifts for the lanes: it is loads that bound the
    // loops around this.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> LookUpFour(uint* entries, nuint stride, byte* lanes)
    {
        uint four = *(uint*)lanes;
        Vector128<ushort> a = Sse2.UnpackLow(EntryOf(entries, stride, four), EntryOf(entries, stride, four >> 8)).AsUInt16();
        Vector128<ushort> b = Sse2.UnpackLow(EntryOf(entries, stride, four >> 16), EntryOf(entries, stride, four >> 24)).AsUInt16();
        return Sse2.UnpackLow(a, b).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> EntryOf(uint* entries, nuint stride, uint lane) =>
        Vector128.CreateScalarUnsafe(entries[(byte)lane * stride]).AsByte();
}

/// <summary><see cref="LaneAnsFields256"/> for 16 lanes, on any little-endian machine; fast where bytes are shuffled by a register.</summary>
internal unsafe struct LaneAnsFields128
{
    /// <summary>Whether the machine has what it takes: vectors, a shuffle by a register, and bytes in this order.</summary>
    public static bool IsSupported =>
            Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian && (Sse41.IsSupported || AdvSimd.Arm64.IsSupported);

    public Vector128<byte> First;
    public Vector128<byte> Second;
    public Vector128<byte> Third;
    public Vector128<byte> Fourth;

    // Above every index: shuffles to zero on every CPU.
    private const byte None = 0xFF;

    /// <inheritdoc cref="LaneAnsFields256.LookUp(uint*, nuint, byte*)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaneAnsFields128 LookUp(uint* entries, nuint stride, byte* lanes)
    {
        Vector128<byte> a = LookUpFour(entries, stride, lanes);
        Vector128<byte> b = LookUpFour(entries, stride, lanes + 4);
        Vector128<byte> c = LookUpFour(entries, stride, lanes + 8);
        Vector128<byte> d = LookUpFour(entries, stride, lanes + 12);
        return new LaneAnsFields128
        {
            First = Gather(a, b, c, d, 0),
            Second = Gather(a, b, c, d, 1),
            Third = Gather(a, b, c, d, 2),
            Fourth = Gather(a, b, c, d, 3),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LookUpFour(uint* entries, nuint stride, byte* lanes) => Vector128.Create(
        entries[lanes[0] * stride], entries[lanes[1] * stride], entries[lanes[2] * stride], entries[lanes[3] * stride]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Gather(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Vector128<byte> d, byte field)
    {
        byte i0 = field;
        byte i1 = (byte)(field + 4);
        byte i2 = (byte)(field + 8);
        byte i3 = (byte)(field + 12);
        return Vector128.ShuffleNative(a, Vector128.Create(i0, i1, i2, i3, None, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.ShuffleNative(b, Vector128.Create(None, None, None, None, i0, i1, i2, i3, None, None, None, None, None, None, None, None))
            | Vector128.ShuffleNative(c, Vector128.Create(None, None, None, None, None, None, None, None, i0, i1, i2, i3, None, None, None, None))
            | Vector128.ShuffleNative(d, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, None, i0, i1, i2, i3));
    }
}
