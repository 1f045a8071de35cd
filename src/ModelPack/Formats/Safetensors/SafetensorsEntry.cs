namespace ModelPack.Formats.Safetensors;

/// <summary>What a header says of one tensor (<c>TensorInfo</c> of the reference implementation).</summary>
/// <param name="Tensor">Name, dtype and shape.</param>
/// <param name="Begin">First byte of the data, counted from the end of the header.</param>
/// <param name="End">The byte after the data, counted likewise.</param>
/// <param name="Offset">Where the tensor's name stands in the file.</param>
internal readonly record struct SafetensorsEntry(TensorInfo Tensor, ulong Begin, ulong End, long Offset);
