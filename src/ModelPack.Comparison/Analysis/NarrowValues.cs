using ModelPack.Reading;

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
        int mantissaBits = MantissaBits(dtype);
        int mantissa = bits & ((1 << mantissaBits) - 1);
        isDenormal = mantissa != 0 && (bits & ((1 << (width - 1)) - 1)) == mantissa;

        // A byte that is neither 0 nor 1 counts as the number that it is.
        return dtype == Dtype.Bool ? bits : SmallElements.ValuesOf(dtype)![bits];
    }

    // Of floats that have numbers below the least normal one; the others have none.
    private static int MantissaBits(Dtype dtype) => dtype switch
    {
        Dtype.F8E4M3 or Dtype.F8E4M3Fnuz => 3,
        Dtype.F8E5M2 or Dtype.F8E5M2Fnuz => 2,
        Dtype.F4 => 1,
        _ => 0,
    };
}
