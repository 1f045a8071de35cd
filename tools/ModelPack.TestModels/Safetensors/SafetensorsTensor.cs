using System.Collections.Immutable;

namespace ModelPack.TestModels.Safetensors;

/// <summary>A tensor to write: what it is, and something that writes exactly <see cref="ByteLength"/> bytes.</summary>
internal sealed record SafetensorsTensor(TensorInfo Info, Action<Stream> WriteData)
{
    public SafetensorsTensor(string name, Dtype dtype, ImmutableArray<ulong> shape, byte[] data)
        : this(new TensorInfo(name, dtype, shape), stream => stream.Write(data))
    {
    }

    /// <summary>Bytes of the data.</summary>
    public long ByteLength { get; } = LengthOf(Info);

    /// <summary>Bytes that a tensor of this dtype and shape has.</summary>
    /// <exception cref="ModelPackException">More than 2^63 bits, or not a whole number of bytes.</exception>
    public static long LengthOf(TensorInfo info)
    {
        ulong bits = (ulong)info.Dtype.BitWidth();
        foreach (ulong dimension in info.Shape)
        {
            UInt128 product = (UInt128)bits * dimension;
            bits = product <= long.MaxValue
                ? (ulong)product
                : throw new ModelPackException(ModelPackError.Unsupported, $"tensor '{info.Name}' has more than 2^63 bits");
        }

        return bits % 8 == 0
            ? (long)(bits / 8)
            : throw new ModelPackException(ModelPackError.Unsupported, $"tensor '{info.Name}' has {bits} bits, not a whole number of bytes");
    }
}
