namespace ModelPack.TestModels.Numbers;

/// <summary>A float of at most 8 bits as the OCP 8-bit and microscaling (MX) specifications define them.</summary>
/// <param name="Bits">Width: sign, exponent and mantissa.</param>
/// <param name="MantissaBits">Mantissa bits.</param>
/// <param name="Bias">Exponent bias.</param>
/// <param name="MaxFinite">Code of the largest finite magnitude; larger values saturate to it.</param>
/// <param name="HasNegativeZero">False for the FNUZ kinds, where the code of minus zero means NaN.</param>
internal readonly record struct MiniFloat(int Bits, int MantissaBits, int Bias, byte MaxFinite, bool HasNegativeZero)
{
    public static MiniFloat Of(Dtype dtype) => dtype switch
    {
        Dtype.F8E4M3 => new(8, 3, 7, 0x7E, true),
        Dtype.F8E5M2 => new(8, 2, 15, 0x7B, true),
        Dtype.F8E4M3Fnuz => new(8, 3, 8, 0x7F, false),
        Dtype.F8E5M2Fnuz => new(8, 2, 16, 0x7F, false),
        Dtype.F6E2M3 => new(6, 3, 1, 0x1F, true),
        Dtype.F6E3M2 => new(6, 2, 3, 0x1F, true),
        Dtype.F4 => new(4, 1, 1, 0x07, true),
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not a float of at most 8 bits with a mantissa"),
    };

    /// <summary>The code of a finite value: rounded to nearest, ties to even, saturating.</summary>
    public byte Encode(double value)
    {
        double magnitude = Math.Abs(value);
        int lowest = 1 - Bias;
        int exponent = magnitude == 0 ? lowest : Math.Max(Math.ILogB(magnitude), lowest);

        // The significand counted in units of the last mantissa bit; a subnormal one stays below 1 << MantissaBits, and one
        // that rounds up to the next power of two carries into the exponent by itself.
        double significand = Math.Round(Math.ScaleB(magnitude, MantissaBits - exponent), MidpointRounding.ToEven);
        double code = Math.ScaleB(exponent - lowest, MantissaBits) + significand;
        byte unsigned = (byte)Math.Min(code, MaxFinite);
        bool negative = double.IsNegative(value) && (unsigned != 0 || HasNegativeZero);
        return (byte)(unsigned | (negative ? 1 << (Bits - 1) : 0));
    }
}
