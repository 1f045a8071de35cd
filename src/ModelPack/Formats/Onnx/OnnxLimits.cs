namespace ModelPack.Formats.Onnx;

/// <summary>
/// What the ONNX reader accepts at most. Each bound is far above real models and keeps the memory of a hostile file in
/// proportion: a file of any size costs at most these many small records.
/// </summary>
internal static class OnnxLimits
{
    /// <summary>Bytes of a file: the Protocol Buffers limit of 2 GiB less one byte.</summary>
    public const long MaxFileLength = int.MaxValue;

    /// <summary>Messages and groups open at once. A subgraph takes three: graph, node, attribute.</summary>
    public const int MaxDepth = 100_000;

    /// <summary>Tensors of a file.</summary>
    public const int MaxTensors = 1_000_000;

    /// <summary>Runs of tensor bytes in a file; only packed fields split into chunks have more than one a tensor.</summary>
    public const int MaxRuns = 2_000_000;

    /// <summary>Levels of names (nodes, attributes, initializers) on the way to any tensor of a file.</summary>
    public const int MaxScopes = 4_000_000;

    /// <summary>Dimensions of a tensor; one with more stays structure.</summary>
    public const int MaxRank = 64;

    /// <summary>Characters of a tensor's name; a longer path loses its front, a longer single name its end.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>Entries of <c>external_data</c> that a tensor may have; onnx.proto knows four.</summary>
    public const int MaxExternalEntries = 64;

    /// <summary>Bytes of the <c>location</c> of external data: the longest path that common systems take.</summary>
    public const int MaxLocationLength = 4096;

    /// <summary>Characters of all names of a file together; those of all different locations likewise.</summary>
    public const int MaxNameCharacters = 64 << 20;
}
