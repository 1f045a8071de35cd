using System.Collections.Immutable;

namespace ModelPack;

/// <summary>How the elements of a tensor are written in the file.</summary>
public enum TensorEncoding
{
    /// <summary>Fixed-width little-endian elements; sub-byte elements are packed.</summary>
    Raw = 0,

    /// <summary>Protocol Buffers base-128 varints, one an element (ONNX <c>int32_data</c>, <c>int64_data</c>, <c>uint64_data</c>).</summary>
    Varint = 1,
}

/// <summary>What a tensor is, apart from where its bytes lie.</summary>
/// <param name="Name">The tensor's name, unique within its file.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Encoding">How the elements are written in the file.</param>
public sealed record TensorInfo(string Name, Dtype Dtype, ImmutableArray<ulong> Shape, TensorEncoding Encoding = TensorEncoding.Raw);
