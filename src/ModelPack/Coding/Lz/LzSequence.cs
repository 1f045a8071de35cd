using System.IO.Hashing;

namespace ModelPack.Coding.Lz;

/// <summary>Units as they are, then units that came before. All counts in units.</summary>
/// <param name="Literals">Units as they are; 0 or more.</param>
/// <param name="Length">Units repeated; at least <see cref="LzFormat.LeastMatch"/>.</param>
/// <param name="Offset">How many units before they were; at least 1.</param>
internal readonly record struct LzSequence(int Literals, int Length, int Offset);

/// <summary>The last three offsets, most recent first.</summary>
internal struct LzRecentOffsets
{
    public int First;
    public int Second;
    public int Third;

    /// <summary>What a plane starts with (SPEC.md, "Sequences").</summary>
    public static LzRecentOffsets Initial => new() { First = 1, Second = 2, Third = 4 };

    /// <summary>Which of them this is, 1 to 3; 0 for none.</summary>
    public readonly int Find(int offset) => offset == First ? 1 : offset == Second ? 2 : offset == Third ? 3 : 0;

    /// <summary>Makes an offset the most recent one.</summary>
    /// <param name="offset">The offset.</param>
    /// <param name="source">What <see cref="Find"/> says of it.</param>
    public void Use(int offset, int source)
    {
        if (source != 1)
        {
            Third = source == 2 ? Third : Second;
            Second = First;
            First = offset;
        }
    }
}

/// <summary>Constants of the token (SPEC.md, "Sequences").</summary>
internal static class LzFormat
{
    public const int MaxUnitShift = 3;
    public const int LiteralsMask = 3;
    public const int SourceShift = 2;
    public const int SourceMask = 3;
    public const int LengthShift = 4;

    /// <summary>From here on the rest of a literal run is in the lengths.</summary>
    public const int LongLiterals = 3;

    /// <summary>From here on the rest of a match's length, above the least, is in the lengths.</summary>
    public const int LongLength = 15;

    /// <summary>Contexts of tokens: four bits of the token before.</summary>
    public const int TokenContexts = 16;

    /// <summary>Contexts of literals of one byte: the highest bits of the byte before.</summary>
    public const int LiteralContexts = 32;

    public const int LiteralContextShift = 3;

    /// <summary>Bytes of the check value, the first of a coded plane.</summary>
    public const int CheckLength = sizeof(uint);

    public static int LeastMatch(int unitShift) => unitShift == 0 ? 2 : 1;

    /// <param name="literals">Units before the match.</param>
    /// <param name="source">See <see cref="LzRecentOffsets.Find"/>.</param>
    /// <param name="length">Units of the match above the least.</param>
    public static byte Token(int literals, int source, int length) =>
        (byte)(Math.Min(literals, LongLiterals) | (source << SourceShift) | (Math.Min(length, LongLength) << LengthShift));

    /// <summary>Makes a changed bit noticed that would restore the same bytes in another way.</summary>
    public static uint Check(ReadOnlySpan<byte> body) => (uint)XxHash3.HashToUInt64(body);
}
