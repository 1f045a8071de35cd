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
public sealed record TensorInfo(string Name, Dtype Dtype, ImmutableArray<ulong> Shape, TensorEncoding Encoding = TensorEncoding.Raw)
{
    /// <summary>Number of elements that the shape asks for.</summary>
    /// <exception cref="ModelPackException">They would have more than 2^63 bits.</exception>
    public long CountElements()
    {
        if (Shape.Contains(0UL))
        {
            return 0;
        }

        UInt128 elements = 1;
        foreach (ulong dimension in Shape)
        {
            // Below 2^64 before, so the product is below 2^128.
            elements *= dimension;
            if (elements > long.MaxValue)
            {
                break;
            }
        }

        return elements * (UInt128)Dtype.BitWidth() <= long.MaxValue
            ? (long)elements
            : throw new ModelPackException(ModelPackError.Corrupt, $"the shape of tensor '{Name}' asks for more than 2^63 bits");
    }

    /// <summary>Bytes of the tensor as fixed-width elements.</summary>
    /// <exception cref="ModelPackException">The shape asks for more than 2^63 bits.</exception>
    internal long PlainLength() => (CountElements() * Dtype.BitWidth() / 8) + (CountElements() * Dtype.BitWidth() % 8 == 0 ? 0 : 1);
}
