using System.Numerics;

namespace ModelPack.Coding;

/// <summary>Binary logarithms in integers, so that every machine gets the same.</summary>
internal static class BinaryLogarithm
{
    /// <summary>Number of fraction bits. A plane's 2^24 bytes at no more than 16 bits stay below 2^53.</summary>
    public const int FractionBits = 24;

    private const int TableBits = 9;

    private static readonly long[] Table = [0, .. Enumerable.Range(1, (1 << TableBits) - 1).Select(Compute)];

    /// <summary>The logarithm of 1 to 511, rounded down in the last bit.</summary>
    public static long Of(int value) => Table[value];

    /// <summary>The logarithm of a larger number too, by its first nine bits: at most 0.006 too small.</summary>
    public static long Approximate(uint value)
    {
        int dropped = Math.Max(0, BitOperations.Log2(value) - (TableBits - 1));
        return Table[value >> dropped] + ((long)dropped << FractionBits);
    }

    // One fraction bit after the other by squaring: Math.Log2 may differ from one platform's library to the next.
    private static long Compute(int value)
    {
        int exponent = BitOperations.Log2((uint)value);
        ulong mantissa = (ulong)value << (31 - exponent);
        long logarithm = exponent;
        for (int bit = 0; bit < FractionBits; bit++)
        {
            mantissa = (mantissa * mantissa) >> 31;
            logarithm <<= 1;
            if (mantissa >> 32 != 0)
            {
                mantissa >>= 1;
                logarithm |= 1;
            }
        }

        return logarithm;
    }
}
