using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding;

/// <summary>
/// A cheap guess whether dictionary coding can beat entropy coding: do strings of several bytes come back? In text, masks,
/// index tables and sparse planes they do.
/// </summary>
internal static class RepetitionProbe
{
    /// <summary>Bytes of a string whose return means something in a plane of integers or text.</summary>
    public const int ShortString = 8;

    /// <summary>
    /// The same in a plane of floats: two strings of 8 exponents agree once in ten thousand times by chance, which is too
    /// often; of 12, once in a million.
    /// </summary>
    public const int LongString = 12;

    /// <summary>The share of repeated strings, 1/n, from which trying pays.</summary>
    private const int PromisingShare = 16;

    private const int TableBits = 12;

    /// <param name="plane">The plane, or a sample of it.</param>
    /// <param name="stringLength"><see cref="ShortString"/> or <see cref="LongString"/>.</param>
    /// <param name="windowPositions">Positions looked at in each of up to three windows.</param>
    [MethodImpl(KernelMethod.Options)]
    public static bool Promises(ReadOnlySpan<byte> plane, int stringLength, int windowPositions = 2048)
    {
        if (plane.Length < 4 * stringLength)
        {
            return false;
        }

        Span<int> lastSeen = stackalloc int[1 << TableBits];
        lastSeen.Clear();
        int windowLength = windowPositions + stringLength;
        int windows = plane.Length <= 3 * windowLength ? 1 : 3;
        int looked = 0;
        int repeated = 0;
        for (int window = 0; window < windows; window++)
        {
            int start = windows == 1 ? 0 : (int)((long)(plane.Length - windowLength) * window / (windows - 1));
            int end = Math.Min(start + (windows == 1 ? 3 * windowPositions : windowPositions), plane.Length - stringLength + 1);
            for (int position = start; position < end; position++)
            {
                (ulong head, ulong tail) = StringAt(plane, position, stringLength);

                // Fibonacci hashing (2^64 / golden ratio), and another odd factor so that what both words share does not cancel.
                int slot = (int)(((head * 0x9E3779B97F4A7C15) ^ (tail * 0xC2B2AE3D27D4EB4F)) >> (64 - TableBits));
                int before = lastSeen[slot] - 1;
                if (before >= 0 && StringAt(plane, before, stringLength) == (head, tail))
                {
                    repeated++;
                }

                lastSeen[slot] = position + 1;
                looked++;
            }
        }

        return repeated >= looked / PromisingShare;
    }

    // As two overlapping words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Head, ulong Tail) StringAt(ReadOnlySpan<byte> plane, int position, int stringLength) => (
        BinaryPrimitives.ReadUInt64LittleEndian(plane[position..]),
        BinaryPrimitives.ReadUInt64LittleEndian(plane[(position + stringLength - sizeof(ulong))..]));
}
