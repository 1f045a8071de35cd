namespace ModelPack.Formats.Onnx;

/// <summary>A run of bytes in the file; offsets fit an <see cref="int"/> because files are at most 2 GiB.</summary>
internal readonly record struct FileRange(int Offset, int Length);

/// <summary>
/// One level of the path that names a tensor: a node, an attribute, an initializer, a function. Only the places of its
/// names are kept, as fields come in any order and most scopes lead to no tensor.
/// </summary>
/// <param name="parent">The level around it; null at the top and in the main graph.</param>
/// <param name="label">What stands for a missing name.</param>
/// <param name="ordinal">Place among its like, to tell apart those without a name; negative where it is not counted.</param>
internal sealed class OnnxScope(OnnxScope? parent, string label, int ordinal = -1)
{
    public OnnxScope? Parent { get; } = parent;

    public string Label { get; } = label;

    public int Ordinal { get; } = ordinal;

    public FileRange Name { get; set; }

    public FileRange FirstOutput { get; set; }

    public FileRange OpType { get; set; }

    /// <summary>A tensor below keeps this scope alive, and it is counted.</summary>
    public bool LeadsToTensor { get; set; }

    /// <summary>The scope's part of a path, once it was read.</summary>
    public string? Part { get; set; }
}
