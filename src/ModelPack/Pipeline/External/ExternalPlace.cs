namespace ModelPack.Pipeline.External;

/// <summary>Where the bytes of a tensor lie that its own file does not hold.</summary>
/// <param name="File">1 + the index of the file in the container; 0 when it is not known.</param>
/// <param name="Offset">First byte there.</param>
/// <param name="Length">Bytes there.</param>
internal readonly record struct ExternalPlace(long File, long Offset, long Length);
