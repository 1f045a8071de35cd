namespace ModelPack;

/// <summary>How a tensor is written to a file of its own.</summary>
public enum TensorFileFormat
{
    /// <summary>The elements alone, fixed-width and little-endian.</summary>
    Raw,

    /// <summary>A safetensors file that holds this tensor.</summary>
    Safetensors,
}
