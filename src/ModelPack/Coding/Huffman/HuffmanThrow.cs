using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Coding.Huffman;

/// <summary>Throw helpers of this room.</summary>
internal static class HuffmanThrow
{
    public const string CoderName = "huffman";

    [DoesNotReturn]
    public static void Corrupt(string reason) => CodingThrow.Corrupt(CoderName, reason);

    [DoesNotReturn]
    public static void Incomplete(int kraft) =>
        Corrupt($"table is incomplete: its Kraft sum is {kraft}/{HuffmanTable.LookupSize} after the last symbol or where the bytes end");
}
