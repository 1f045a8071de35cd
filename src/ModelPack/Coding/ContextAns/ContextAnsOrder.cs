using System.Runtime.InteropServices;

namespace ModelPack.Coding.ContextAns;

/// <summary>The group order of Planes/SPEC.md: of 64 elements, positions 16j to 16j + 7 hold 8j to 8j + 7, those behind 32 more.</summary>
internal static class ContextAnsOrder
{
    private const int Group = 64;
    private const int Half = Group / 2 / sizeof(ulong);

    /// <summary>Brings a plane in group order into natural order.</summary>
    public static void ToNatural(ReadOnlySpan<byte> plane, Span<byte> elements)
    {
        int whole = plane.Length & -Group;
        ReadOnlySpan<ulong> from = MemoryMarshal.Cast<byte, ulong>(plane[..whole]);
        Span<ulong> to = MemoryMarshal.Cast<byte, ulong>(elements[..whole]);
        for (; !from.IsEmpty; from = from[(2 * Half)..], to = to[(2 * Half)..])
        {
            for (int j = 0; j < Half; j++)
            {
                to[j] = from[2 * j];
                to[Half + j] = from[(2 * j) + 1];
            }
        }

        plane[whole..].CopyTo(elements[whole..]);
    }

    /// <summary>Brings elements in natural order into group order, in place.</summary>
    public static void ToGroups(Span<byte> plane)
    {
        Span<ulong> elements = stackalloc ulong[2 * Half];
        Span<ulong> to = MemoryMarshal.Cast<byte, ulong>(plane[..(plane.Length & -Group)]);
        for (; !to.IsEmpty; to = to[(2 * Half)..])
        {
            to[..(2 * Half)].CopyTo(elements);
            for (int j = 0; j < Half; j++)
            {
                to[2 * j] = elements[j];
                to[(2 * j) + 1] = elements[Half + j];
            }
        }
    }
}
