using ModelPack.OnnxRuntime.Weights;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>An ONNX model without its weights.</summary>
/// <param name="Model">The model as ONNX Runtime is to read it: the original's bytes, its large tensors replaced by references.</param>
/// <param name="Weights">The tensors that were taken out.</param>
/// <param name="MemoryLength">Bytes of memory that they need.</param>
internal sealed record OnnxStub(byte[] Model, IReadOnlyList<Weight> Weights, long MemoryLength)
{
    /// <summary>The name by which the stub calls the memory with the weights.</summary>
    public const string MemoryLocation = "modelpack-weights";
}
