namespace ModelPack.OnnxRuntime;

/// <summary>What to compare a packed ONNX model with, and how.</summary>
public sealed record OnnxVerifyOptions
{
    /// <summary>
    /// Path of the original: the ONNX file, or the folder that was packed. Null compares with what the container restores,
    /// which is kept in memory for that.
    /// </summary>
    public string? Against { get; init; }

    /// <summary>Paths of the files that matter; null compares every ONNX file of the container.</summary>
    public IReadOnlyCollection<string>? Files { get; init; }

    /// <summary>Seed of the random inputs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that each session computes with; 0 leaves it to ONNX Runtime.</summary>
    public int Threads { get; init; }
}
