using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Coding.Lz;

/// <summary>Throw helpers of this coder.</summary>
internal static class LzThrow
{
    public const string CoderName = "lz";

    [DoesNotReturn]
    public static void Corrupt(string reason) => CodingThrow.Corrupt(CoderName, reason);
}
