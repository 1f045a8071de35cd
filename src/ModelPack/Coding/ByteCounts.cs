using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelPack.Coding;

/// <summary>Counts of byte values, kept in four tables so that equal neighbours do not wait for each other's store.</summary>
internal static class ByteCounts
{
    /// <summary>Adds the four tables up.</summary>
    /// <param name="tables">4 x 256 counts.</param>
    /// <param name="counts">Receives 256 sums; may be the first table.</param>
    public static void AddUp(ReadOnlySpan<uint> tables, Span<uint> counts)
    {
        ReadOnlySpan<Vector<uint>> first = MemoryMarshal.Cast<uint, Vector<uint>>(tables[..256]);
        ReadOnlySpan<Vector<uint>> second = MemoryMarshal.Cast<uint, Vector<uint>>(tables[256..512]);
        ReadOnlySpan<Vector<uint>> third = MemoryMarshal.Cast<uint, Vector<uint>>(tables[512..768]);
        ReadOnlySpan<Vector<uint>> fourth = MemoryMarshal.Cast<uint, Vector<uint>>(tables[768..1024]);
        Span<Vector<uint>> sums = MemoryMarshal.Cast<uint, Vector<uint>>(counts[..256]);
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = first[i] + second[i] + (third[i] + fourth[i]);
        }
    }

    /// <summary>Adds 256 counts to sums.</summary>
    public static void Add(ReadOnlySpan<uint> counts, Span<uint> sums)
    {
        ReadOnlySpan<Vector<uint>> more = MemoryMarshal.Cast<uint, Vector<uint>>(counts[..256]);
        Span<Vector<uint>> all = MemoryMarshal.Cast<uint, Vector<uint>>(sums[..256]);
        for (int i = 0; i < all.Length; i++)
        {
            all[i] += more[i];
        }
    }
}
