using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding;

/// <summary>
/// A cheap guess whether elements of several bytes repeat earlier ones as a whole, as in tables of sines and in embeddings of
/// few values. Dense weights of four bytes almost never do.
/// </summary>
internal static class ElementProbe
{
    // Positions looked at in each of two windows.
    private const int WindowPositions = 384;

    // The share of repeated strings, 1/n, from which trying pays. A half-precision number widened to four bytes comes back among
    // the 384 looked at less than once in ten times.
    private const int PromisingShare = 6;

    private const int TableBits = 10;

    // Two numbers of two bytes, or one of more.
    private const int StringLength = sizeof(uint);

    /// <param name="elements">Whole elements.</param>
    /// <param name="elementSize">Bytes of an element, a power of 2 from 2 to 8.</param>
    [MethodImpl(KernelMethod.Options)]
    public static bool Promises(ReadOnlySpan<byte> elements, int elementSize)
    {
        int stringLength = Math.Max(StringLength, elementSize);
        int windowLength = (WindowPositions * elementSize) + stringLength;
        if (elements.Length < 8 * stringLength)
        {
            return false;
        }

        Span<int> lastSeen = stackalloc int[1 << TableBits];
        lastSeen.Clear();
        int windows = elements.Length < 2 * windowLength ? 1 : 2;
        for (int window = 0; window < windows; window++)
        {
            // A quarter and three quarters in: what stands there may be of two kinds, of which one repeats.
            int repeated = 0;
            int looked = 0;
            int start = windows == 1 ? 0 : elements.Length / 4 * ((2 * window) + 1) / elementSize * elementSize;

            // A row of a table may be its own mirror image: one of the windows then has the middle of a row, the other its ends.
            start -= window * WindowPositions / 2 * elementSize;
            int end = Math.Min(start + (WindowPositions * elementSize), elements.Length - stringLength + 1);
            for (int position = start; position < end; position += elementSize, looked++)
            {
                ulong value = StringAt(elements, position, stringLength);

                // Fibonacci hashing (2^64 / golden ratio).
                int slot = (int)((value * 0x9E3779B97F4A7C15) >> (64 - TableBits));
                int before = lastSeen[slot] - 1;
                repeated += before >= 0 && StringAt(elements, before, stringLength) == value ? 1 : 0;
                lastSeen[slot] = position + 1;
            }

            if (repeated >= looked / PromisingShare)
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong StringAt(ReadOnlySpan<byte> elements, int position, int stringLength) => stringLength == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64LittleEndian(elements[position..])
        : BinaryPrimitives.ReadUInt32LittleEndian(elements[position..]);
}
