using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Coding.ContextAns;

/// <summary>The arithmetic of <see cref="ContextAnsModel"/> for sixteen lanes, on any machine.</summary>
internal static class ContextAnsVectors
{
    public const int Count = 16;

    private const int MantissaBits = 23;
    private const int Bias = 127;

    /// <summary><see cref="ContextAnsModel.Logarithm"/>: sums are below 2^24, so that they are exact as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Logarithm(Vector512<int> sums) =>
        (Vector512.ConvertToSingle(sums).AsInt32() >>> (MantissaBits - ContextAnsModel.LogarithmBits))
            - Vector512.Create(Bias << ContextAnsModel.LogarithmBits);

    /// <summary>The cells at these levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Cells(Vector512<int> levels) => Vector512.Min(
        Vector512.Max(levels >> ContextAnsModel.CellShift, Vector512<int>.Zero), Vector512.Create(ContextAnsModel.Cells - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Widen(Vector128<byte> bytes)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512Int32(bytes);
        }

        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(bytes);
        (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(low);
        (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)).AsInt32();
    }

    /// <summary>For numbers from 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector512<int> numbers)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector128Byte(numbers);
        }

        Vector256<ushort> words = Vector256.Narrow(numbers.GetLower().AsUInt32(), numbers.GetUpper().AsUInt32());
        return Vector128.Narrow(words.GetLower(), words.GetUpper());
    }

    /// <summary>The magnitudes of bytes, for one kind of values.</summary>
    internal interface IMagnitudes
    {
        Vector512<int> Of(Vector512<int> bytes);
    }

    internal readonly struct UnsignedMagnitudes(int origin) : IMagnitudes
    {
        private readonly Vector512<int> _origin = Vector512.Create(origin);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Of(Vector512<int> bytes) => (Vector512.Abs(bytes - _origin) << 4) + Vector512.Create(2);
    }

    internal readonly struct SignedMagnitudes(int origin) : IMagnitudes
    {
        private readonly Vector512<int> _origin = Vector512.Create(origin);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Of(Vector512<int> bytes) => (Vector512.Abs((bytes ^ Vector512.Create(0x80)) - _origin) << 4) + Vector512.Create(2);
    }

    /// <summary>Powers of two, made as floats.</summary>
    internal readonly struct RotatedExponentMagnitudes(int origin) : IMagnitudes
    {
        private readonly Vector512<int> _origin = Vector512.Create(origin);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Of(Vector512<int> bytes)
        {
            Vector512<int> values = ((bytes << 1) | (bytes >> 7)) & Vector512.Create(0xFF);
            Vector512<int> octaves = Vector512.Min(Vector512.Max(values - _origin, Vector512<int>.Zero), Vector512.Create(ContextAnsModel.MaxOctaves));
            return Vector512.ConvertToInt32(((octaves + Vector512.Create(Bias)) << MantissaBits).AsSingle());
        }
    }

    /// <summary>Powers of two and one and a half times them, made as floats.</summary>
    internal readonly struct HalfExponentMagnitudes(int origin) : IMagnitudes
    {
        private readonly Vector512<int> _origin = Vector512.Create(origin);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Of(Vector512<int> bytes)
        {
            Vector512<int> halves = Vector512.Min(
                Vector512.Max(bytes - _origin, Vector512<int>.Zero), Vector512.Create((2 * ContextAnsModel.MaxOctaves) + 1));
            return Vector512.ConvertToInt32(((halves + Vector512.Create(2 * Bias)) << (MantissaBits - 1)).AsSingle());
        }
    }
}
