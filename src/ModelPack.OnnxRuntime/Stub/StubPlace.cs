namespace ModelPack.OnnxRuntime.Stub;

/// <summary>Where in a model a message stands: ONNX Runtime takes tensors from memory only in the first graph.</summary>
internal enum StubPlace
{
    /// <summary>In a subgraph, a function, training information: tensors must be in the stub.</summary>
    Elsewhere,

    /// <summary>The model itself.</summary>
    Model,

    /// <summary>The model's graph, whose initializers may be in memory.</summary>
    Graph,

    /// <summary>A <c>Constant</c> node of that graph, which ONNX Runtime turns into an initializer.</summary>
    Constant,

    /// <summary>The value of such a node.</summary>
    ConstantValue,

    /// <summary>A tensor that may be in memory.</summary>
    Movable,
}
