using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Coding.ContextAns;

internal static class ContextAnsThrow
{
    /// <inheritdoc cref="CodingThrow.Corrupt"/>
    [DoesNotReturn]
    public static void Corrupt(string reason) => CodingThrow.Corrupt(ContextAnsCoder.CoderName, reason);
}
