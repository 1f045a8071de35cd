using System.Numerics;

namespace ModelPack.Coding.ContextAns;

/// <summary>What a plane's values are (SPEC.md, "Values"). The numbers are those of the wire.</summary>
internal enum ContextAnsKind
{
    Unsigned = 0,
    Signed = 1,

    /// <summary>An exponent rotated right by one bit, as in planes of BF16 and F32.</summary>
    RotatedExponent = 2,

    /// <summary>Twice an exponent and the top mantissa bit, as in planes of F16.</summary>
    HalfExponent = 3,
}

/// <summary>The integer arithmetic that encoder and decoder share (SPEC.md, "Values" and "Contexts").</summary>
internal static class ContextAnsModel
{
    /// <summary>Tiles decoded side by side.</summary>
    public const int Lanes = 32;

    /// <summary>The frequencies of a table add up to 2^10.</summary>
    public const int TotalBits = 10;

    public const int Total = 1 << TotalBits;

    public const int MaxContexts = 32;

    public const int Cells = 64;

    /// <summary>Most elements in a tile, so that 2k + 3 and all sums stay small.</summary>
    public const int MaxTile = 64;

    /// <summary>Largest scale of a tile, in quarter octaves.</summary>
    public const int MaxScale = 63;

    /// <summary>Fraction bits of <see cref="Logarithm"/>.</summary>
    public const int LogarithmBits = 8;

    /// <summary>A scale in the unit of logarithms: a quarter octave.</summary>
    public const int ScaleUnit = (1 << LogarithmBits) / 4;

    public const int CellShift = 16;

    /// <summary>A magnitude joins a tile's sum times this: three quarters of the prior's 1.5 values are 12 eighths.</summary>
    public const int SumShift = 3;

    private const int IntegerUnit = 16;
    private const int IntegerOffset = 2;
    /// <summary>Exponents count over so many octaves.</summary>
    public const int MaxOctaves = 11;


    /// <summary>12 times 2^(j/4): 1.5 values of 8.</summary>
    private static readonly int[] Quarters = [12, 14, 17, 20];

    /// <summary>A tile's sum before its first value.</summary>
    public static int Prior(int scale) => Quarters[scale & 3] << (scale >> 2);

    /// <summary>The binary logarithm of 1 to 2^24 - 1 with 8 fraction bits, linear between powers of two.</summary>
    public static int Logarithm(int value)
    {
        int whole = BitOperations.Log2((uint)value);
        return (int)(((long)value << LogarithmBits) >> whole) + ((whole - 1) << LogarithmBits);
    }

    /// <summary>What is taken from the logarithm of a sum at element k of a tile.</summary>
    public static int LogarithmOfCount(int k) => Logarithm((2 * k) + 3);

    /// <summary>The cell of a value before it is known.</summary>
    /// <param name="scale">Of the tile.</param>
    /// <param name="sum">Of the tile so far.</param>
    /// <param name="k">The value's place in the tile.</param>
    /// <param name="grid">The header's weights and threshold.</param>
    public static int Cell(int scale, int sum, int k, in ContextAnsGrid grid)
    {
        int level = (grid.ScaleWeight * ScaleUnit * scale) + (grid.TileWeight * (Logarithm(sum) - LogarithmOfCount(k))) - grid.Threshold;
        return Math.Clamp(level >> CellShift, 0, Cells - 1);
    }

    /// <summary>A byte's place in the order of its values.</summary>
    public static int ValueOf(ContextAnsKind kind, int symbol) => kind switch
    {
        ContextAnsKind.Signed => symbol ^ 0x80,
        ContextAnsKind.RotatedExponent => (byte)((symbol << 1) | (symbol >> 7)),
        _ => symbol,
    };

    /// <summary>The byte at a place in the order of values.</summary>
    public static int SymbolOf(ContextAnsKind kind, int value) => kind switch
    {
        ContextAnsKind.Signed => value ^ 0x80,
        ContextAnsKind.RotatedExponent => (byte)((value >> 1) | (value << 7)),
        _ => value,
    };

    /// <summary>A value's magnitude, 1 to 4095.</summary>
    public static int Magnitude(ContextAnsKind kind, int origin, int value)
    {
        switch (kind)
        {
            case ContextAnsKind.RotatedExponent:
                return 1 << Math.Clamp(value - origin, 0, MaxOctaves);
            case ContextAnsKind.HalfExponent:
                int halves = Math.Clamp(value - origin, 0, (2 * MaxOctaves) + 1);
                return ((2 | (halves & 1)) << (halves >> 1)) >> 1;
            default:
                return (IntegerUnit * Math.Abs(value - origin)) + IntegerOffset;
        }
    }

    /// <summary>The origin that puts this value at the top of the magnitudes of exponents.</summary>
    public static int OriginBelow(ContextAnsKind kind, int value) =>
        Math.Max(0, value - (kind == ContextAnsKind.HalfExponent ? (2 * MaxOctaves) + 1 : MaxOctaves));

    /// <summary>The magnitude of each byte; 256 entries.</summary>
    public static void FillMagnitudes(ContextAnsKind kind, int origin, Span<int> magnitudes)
    {
        for (int symbol = 0; symbol < magnitudes.Length; symbol++)
        {
            magnitudes[symbol] = Magnitude(kind, origin, ValueOf(kind, symbol));
        }
    }
}

/// <summary>How scale and sum of a tile become a cell (SPEC.md, "Contexts").</summary>
/// <param name="ScaleWeight">Weight of the tile's scale, 16 bits.</param>
/// <param name="TileWeight">Weight of what the tile's values so far say, 16 bits.</param>
/// <param name="Threshold">Where cell 0 begins, at most 2^30 from zero.</param>
internal readonly record struct ContextAnsGrid(int ScaleWeight, int TileWeight, int Threshold);
