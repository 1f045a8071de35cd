using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>The group order of Planes/SPEC.md: of 64 elements, positions 16j to 16j + 7 hold 8j to 8j + 7, those behind 32 more.</summary>
internal static class ContextAnsOrder
{
    private const int Group = 64;
    private const int WordsOfGroup = Group / sizeof(ulong);

    /// <summary>Brings a plane in group order into natural order.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void ToNatural(ReadOnlySpan<byte> plane, Span<byte> elements)
    {
        int whole = plane.Length & -Group;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(plane[..whole]);
        Span<ulong> to = MemoryMarshal.Cast<byte, ulong>(elements[..whole]);
        for (; words.Length >= WordsOfGroup; words = words[WordsOfGroup..], to = to[WordsOfGroup..])
        {
            ReadOnlySpan<ulong> from = words[..WordsOfGroup];
            Span<ulong> group = to[..WordsOfGroup];
            (group[0], group[4], group[1], group[5]) = (from[0], from[1], from[2], from[3]);
            (group[2], group[6], group[3], group[7]) = (from[4], from[5], from[6], from[7]);
        }

        plane[whole..].CopyTo(elements[whole..]);
    }

    /// <summary>Brings elements in natural order into group order, in place.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void ToGroups(Span<byte> plane)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(plane[..(plane.Length & -Group)]);
        for (; words.Length >= WordsOfGroup; words = words[WordsOfGroup..])
        {
            // The first and the last stay where they are.
            Span<ulong> group = words[..WordsOfGroup];
            (group[1], group[2], group[4]) = (group[4], group[1], group[2]);
            (group[3], group[5], group[6]) = (group[5], group[6], group[3]);
        }
    }
}
