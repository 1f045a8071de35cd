using System.Buffers.Binary;

namespace ModelPack.Coding;

/// <summary>
/// A cheap guess whether dictionary coding can beat entropy coding: do strings of 8 bytes come back? In dense float
/// planes they do not (two bytes of exponent carry over 5 bits), in text, masks, index tables and sparse planes they do.
/// </summary>
internal static class RepetitionProbe
{
    private const int StringLength = 8;

    /// <summary>Positions looked at in one window; a plane is probed in up to three windows.</summary>
    private const int WindowPositions = 2048;

    /// <summary>The share of repeated strings, 1/n, from which trying pays.</summary>
    private const int PromisingShare = 16;

    private const int TableBits = 12;

    public static bool Promises(ReadOnlySpan<byte> plane)
    {
        if (plane.Length < 4 * StringLength)
        {
            return false;
        }

        Span<int> lastSeen = stackalloc int[1 << TableBits];
        lastSeen.Clear();
        int windowLength = WindowPositions + StringLength;
        int windows = plane.Length <= 3 * windowLength ? 1 : 3;
        int looked = 0;
        int repeated = 0;
        for (int window = 0; window < windows; window++)
        {
            int start = windows == 1 ? 0 : (int)((long)(plane.Length - windowLength) * window / (windows - 1));
            int end = Math.Min(start + (windows == 1 ? 3 * WindowPositions : WindowPositions), plane.Length - StringLength + 1);
            for (int position = start; position < end; position++)
            {
                ulong text = BinaryPrimitives.ReadUInt64LittleEndian(plane[position..]);

                // Fibonacci hashing: 2^64 / golden ratio.
                int slot = (int)((text * 0x9E3779B97F4A7C15) >> (64 - TableBits));
                int before = lastSeen[slot] - 1;
                if (before >= 0 && BinaryPrimitives.ReadUInt64LittleEndian(plane[before..]) == text)
                {
                    repeated++;
                }

                lastSeen[slot] = position + 1;
                looked++;
            }
        }

        return repeated >= looked / PromisingShare;
    }
}
