using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Coding.LaneAns;

internal static class LaneAnsThrow
{
    /// <inheritdoc cref="CodingThrow.Corrupt"/>
    [DoesNotReturn]
    public static void Corrupt(string reason) => CodingThrow.Corrupt(LaneAnsCoder.CoderName, reason);

    /// <summary>The caller broke the contract of <see cref="IPlaneCoder.TryEncode"/>.</summary>
    [DoesNotReturn]
    public static void HistogramOfAnotherPlane() =>
        throw new ArgumentException("the histogram does not count this plane", "histogram");
}
