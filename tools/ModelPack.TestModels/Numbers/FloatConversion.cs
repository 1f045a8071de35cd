using System.Buffers.Binary;

namespace ModelPack.TestModels.Numbers;

/// <summary>
/// Conversions among F16, BF16 and F32. Narrowing rounds to nearest, ties to even, once; too large becomes infinity,
/// NaN stays NaN with its sign.
/// </summary>
internal static class FloatConversion
{
    /// <summary>True for the dtypes that can be converted into each other.</summary>
    public static bool IsConvertible(Dtype dtype) => dtype is Dtype.F16 or Dtype.BF16 or Dtype.F32;

    /// <summary>Rounds the bits of an F32 to the bits of a BF16.</summary>
    public static ushort ToBF16(uint f32)
    {
        const uint Infinity = 0x7F80_0000;
        const uint QuietBit = 0x0040;

        // A NaN whose payload lies in the dropped half would turn into infinity without the quiet bit.
        if ((f32 & 0x7FFF_FFFF) > Infinity)
        {
            return (ushort)((f32 >> 16) | QuietBit);
        }

        // Adding one less than half a unit, and the lowest kept bit, carries exactly when the nearest (or, at a tie, the
        // even) value is the next one. The carry may run into the exponent; from the largest finite value it gives infinity.
        return (ushort)((f32 + 0x7FFF + ((f32 >> 16) & 1)) >> 16);
    }

    /// <summary>Rounds the bits of an F32 to the bits of an F16.</summary>
    public static ushort ToF16(uint f32) => BitConverter.HalfToUInt16Bits((Half)BitConverter.UInt32BitsToSingle(f32));

    /// <summary>Converts little-endian elements.</summary>
    /// <param name="source">Whole elements of <paramref name="from"/>.</param>
    /// <param name="from">F16, BF16 or F32.</param>
    /// <param name="target">Room for the same number of elements of <paramref name="to"/>.</param>
    /// <param name="to">F16, BF16 or F32.</param>
    public static void Convert(ReadOnlySpan<byte> source, Dtype from, Span<byte> target, Dtype to)
    {
        int sourceWidth = from.BitWidth() / 8;
        int targetWidth = to.BitWidth() / 8;
        for (int i = 0; i < source.Length / sourceWidth; i++)
        {
            uint f32 = ReadAsSingle(source.Slice(i * sourceWidth, sourceWidth), from);
            Span<byte> element = target.Slice(i * targetWidth, targetWidth);
            switch (to)
            {
                case Dtype.BF16:
                    BinaryPrimitives.WriteUInt16LittleEndian(element, ToBF16(f32));
                    break;
                case Dtype.F16:
                    BinaryPrimitives.WriteUInt16LittleEndian(element, ToF16(f32));
                    break;
                case Dtype.F32:
                    BinaryPrimitives.WriteUInt32LittleEndian(element, f32);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(to), to, "not F16, BF16 or F32");
            }
        }
    }

    private static uint ReadAsSingle(ReadOnlySpan<byte> element, Dtype dtype) => dtype switch
    {
        Dtype.BF16 => (uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16,
        Dtype.F16 => BitConverter.SingleToUInt32Bits((float)BinaryPrimitives.ReadHalfLittleEndian(element)),
        Dtype.F32 => BinaryPrimitives.ReadUInt32LittleEndian(element),
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not F16, BF16 or F32"),
    };
}
