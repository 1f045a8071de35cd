namespace ModelPack.Formats;

/// <summary>What a model file says of a tensor whose bytes lie in another file. Nothing of it has been compared with that file.</summary>
/// <param name="TensorIndex">Index into <see cref="SegmentMap.Tensors"/>; negative for a tensor that is not listed there.</param>
/// <param name="Location">The other file, as the model writes it; shared by all references with the same.</param>
/// <param name="Offset">First byte there; not negative.</param>
/// <param name="Length">Bytes there, not negative; null where the model does not say.</param>
/// <param name="Fault">Why the reference cannot be used, if so.</param>
internal readonly record struct ExternalReference(int TensorIndex, string Location, long Offset, long? Length, string? Fault);
