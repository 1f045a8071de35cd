namespace ModelPack.Comparison.Analysis;

/// <summary>The values of elements of a byte or less: there are so few that a count of each tells all.</summary>
internal static class NarrowValues
{
    public static bool Has(Dtype dtype) => ValueStatistics.Supports(dtype) && dtype.BitWidth() <= 8;

    /// <summary>The value of one element of a byte.</summary>
    /// <param name="dtype">Of at most 8 bits.</param>
    /// <param name="pattern">The byte.</param>
    /// <param name="part">Which of the elements that share it, the one in the lowest bits first.</param>
    /// <param name="isDenormal">Whether it is below the least normal number, and not zero.</param>
    public static double Decode(Dtype dtype, int pattern, int part, out bool isDenormal)
    {
        int width = dtype.BitWidth();
        int bits = (pattern >> (part * width)) & ((1 << width) - 1);
        isDenormal = false;
        return dtype switch
        {
            Dtype.I8 or Dtype.I4 or Dtype.I2 => bits - (bits >> (width - 1) << width),
            Dtype.F8E4M3 => bits is 0x7F or 0xFF ? double.NaN : Float(bits, 4, 3, 7, out isDenormal),
            Dtype.F8E5M2 => FiveTwo(bits, out isDenormal),
            Dtype.F8E4M3Fnuz => bits == 0x80 ? double.NaN : Float(bits, 4, 3, 8, out isDenormal),
            Dtype.F8E5M2Fnuz => bits == 0x80 ? double.NaN : Float(bits, 5, 2, 16, out isDenormal),
            Dtype.F8E8M0 => bits == 0xFF ? double.NaN : Math.ScaleB(1, bits - 127),
            Dtype.F4 => Float(bits, 2, 1, 1, out isDenormal),
            _ => bits,
        };
    }

    // As IEEE 754 has it: the largest exponent is infinity or no number.
    private static double FiveTwo(int bits, out bool isDenormal)
    {
        isDenormal = false;
        return (bits & 0x7C) != 0x7C ? Float(bits, 5, 2, 15, out isDenormal)
            : (bits & 3) != 0 ? double.NaN
            : bits > 0x7F ? double.NegativeInfinity : double.PositiveInfinity;
    }

    private static double Float(int bits, int exponentBits, int mantissaBits, int bias, out bool isDenormal)
    {
        int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        int mantissa = bits & ((1 << mantissaBits) - 1);
        isDenormal = exponent == 0 && mantissa != 0;
        double magnitude = exponent == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
        return bits >> (exponentBits + mantissaBits) == 0 ? magnitude : -magnitude;
    }
}
