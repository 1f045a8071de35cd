namespace ModelPack.Comparison.Analysis;

/// <summary>Counts of a plane of a tensor.</summary>
/// <param name="Name">What the plane holds.</param>
/// <param name="Symbols">Bytes of the plane.</param>
/// <param name="DistinctValues">Byte values that occur.</param>
/// <param name="EntropyBits">Order-0 entropy of a byte of the plane, in bits.</param>
internal sealed record AnalysedPlane(string Name, long Symbols, int DistinctValues, double EntropyBits)
{
    /// <summary>Bytes that the order-0 entropy of all symbols takes.</summary>
    public double BoundBytes => EntropyBits * Symbols / 8;
}

/// <summary>Entropies of parts of the elements, in bits an element; null where the dtype has no such part.</summary>
/// <param name="Exponent">H(exponent) of floats.</param>
/// <param name="ExponentAndTopMantissaBit">H(exponent, top mantissa bit) of floats.</param>
/// <param name="TopMantissaBitGivenExponent">H(top mantissa bit | exponent) of floats.</param>
/// <param name="SymbolGivenClass">H(symbol of plane 0 | mean symbol of its chunk of 256).</param>
/// <param name="SymbolGivenPrevious">H(symbol of plane 0 | symbol of the element before).</param>
internal sealed record ElementEntropies(
    double? Exponent, double? ExponentAndTopMantissaBit, double? TopMantissaBitGivenExponent, double? SymbolGivenClass, double? SymbolGivenPrevious);

/// <summary>What was counted of a tensor.</summary>
/// <param name="Planes">Its planes.</param>
/// <param name="Elements">Entropies of parts of its elements.</param>
/// <param name="Statistics">Its values; null where they cannot be read.</param>
/// <param name="Exponents">Count of each exponent, for floats of up to four bytes; else null.</param>
internal sealed record AnalysedTensor(IReadOnlyList<AnalysedPlane> Planes, ElementEntropies Elements, ValueStatistics? Statistics, long[]? Exponents)
{
    public double BoundBytes => Planes.Sum(static plane => plane.BoundBytes);
}
