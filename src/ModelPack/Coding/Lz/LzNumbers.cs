using System.Numerics;

namespace ModelPack.Coding.Lz;

/// <summary>How lengths and offsets become a byte, which is entropy-coded, and bits as they are (SPEC.md, "Numbers").</summary>
internal static class LzNumbers
{
    /// <summary>Lengths below this are their own code.</summary>
    public const int DirectLengths = 224;

    /// <summary>Most bits of a length or an offset besides its code: both are below 2^24.</summary>
    public const int MaxExtraBits = 24;

    /// <summary>Largest number of leading bits behind the first that an offset's code may hold.</summary>
    public const int MaxOffsetPrecision = 3;

    /// <param name="length">0 to 2^24.</param>
    public static LzCode OfLength(int length)
    {
        if (length < DirectLengths)
        {
            return new LzCode((byte)length, 0, 0);
        }

        uint above = (uint)(length - DirectLengths + 1);
        int bits = BitOperations.Log2(above);
        return new LzCode((byte)(DirectLengths + bits), bits, above - (1u << bits));
    }

    /// <summary>Bits behind a length's code.</summary>
    public static int LengthBits(byte code) => Math.Max(0, code - DirectLengths);

    /// <summary>The length of a code and the bits behind it.</summary>
    public static int Length(byte code, uint extra) => code < DirectLengths ? code : DirectLengths - 1 + (1 << (code - DirectLengths)) + (int)extra;

    /// <param name="offset">1 to 2^24.</param>
    /// <param name="precision">0 to <see cref="MaxOffsetPrecision"/>.</param>
    public static LzCode OfOffset(int offset, int precision)
    {
        uint above = (uint)(offset - 1) + (1u << precision);
        int bits = BitOperations.Log2(above) - precision;
        uint leading = above >> bits;
        return new LzCode((byte)(((uint)bits << precision) + leading - (1u << precision)), bits, above - (leading << bits));
    }

    /// <summary>Bits behind an offset's code.</summary>
    public static int OffsetBits(byte code, int precision) => code >> precision;

    /// <summary>The offset of a code and the bits behind it; <paramref name="extra"/> is below 2^25.</summary>
    public static int Offset(byte code, int precision, uint extra)
    {
        int bits = code >> precision;
        uint one = 1u << precision;
        return (int)(((((code & (one - 1)) + one) << bits) - one) + extra + 1);
    }
}

/// <summary>A number as its code and the bits behind it.</summary>
internal readonly record struct LzCode(byte Code, int Bits, uint Extra);
