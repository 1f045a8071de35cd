using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Coding;

/// <summary>Throw helpers that all coders share; what only one coder can find wrong lives in its own room.</summary>
internal static class CodingThrow
{
    /// <summary>The coded bytes break a rule of the coder's SPEC.md.</summary>
    /// <param name="coder">The coder's name.</param>
    /// <param name="reason">What was found and what was allowed.</param>
    [DoesNotReturn]
    public static void Corrupt(string coder, string reason) =>
        throw new ModelPackException(ModelPackError.Corrupt, $"{coder}: {reason}");
}
