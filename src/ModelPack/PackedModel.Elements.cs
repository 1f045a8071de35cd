using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelPack.Pipeline;
using ModelPack.Reading;

namespace ModelPack;

/// <content>Elements of tensors as values of .NET.</content>
public sealed partial class PackedModel
{
    /// <summary>
    /// Elements that are restored at a time where they are converted: enough for several threads to restore, and a multiple of 8, so
    /// that each part starts at a byte.
    /// </summary>
    private const int ConvertedElements = 1 << 20;

    /// <summary>Restores the elements of a tensor, also of one that the original file holds as varints.</summary>
    /// <typeparam name="T">
    /// The type of the elements: <see cref="float"/> for F32, <see cref="Half"/> for F16, <see cref="BFloat16"/> for BF16,
    /// <see cref="double"/> for F64, <see cref="System.Numerics.Complex"/> for C128, <see cref="bool"/> for BOOL, the integer of the same
    /// width and sign for U8 to I64, and <see cref="byte"/> for the bit patterns of 8-bit floats.
    /// </typeparam>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="destination">As many as <see cref="TensorInfo.CountElements"/> says; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model, its elements have another type, or there are more or less.</exception>
    /// <exception cref="ModelPackException">
    /// A block is damaged, a difference to a base that was not named, or the model file only names the file with the tensor's data.
    /// </exception>
    public void ReadElements<T>(PackedTensor tensor, Span<T> destination, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        RequireType<T>(tensor);
        RequireCount(tensor, destination.Length);
        ReadPlain(tensor, MemoryMarshal.AsBytes(destination), cancellationToken);
        ElementType.FromFile(destination);
    }

    /// <summary>Restores a tensor with its elements and shape; a scalar becomes a vector of one.</summary>
    /// <typeparam name="T">The type of the elements, as <see cref="ReadElements"/> takes it.</typeparam>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model, or its elements have another type.</exception>
    /// <exception cref="ModelPackException">
    /// A block is damaged, a difference to a base that was not named, the model file only names the file with the tensor's data, or the
    /// tensor is larger than an array can be.
    /// </exception>
    public Tensor<T> ReadTensor<T>(PackedTensor tensor, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        RequireType<T>(tensor);
        T[] elements = NewArray<T>(tensor, tensor.Info.CountElements());
        ReadElements(tensor, elements.AsSpan(), cancellationToken);
        return Tensor.Create(elements, LengthsOf(tensor));
    }

    /// <summary>Restores the tensor of that name, which <see cref="FindTensor"/> finds, with its elements and shape.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <inheritdoc cref="ReadTensor{T}(PackedTensor, CancellationToken)"/>
    public Tensor<T> ReadTensor<T>(string name, CancellationToken cancellationToken = default)
        where T : unmanaged => ReadTensor<T>(FindTensor(name), cancellationToken);

    /// <summary>
    /// Restores the elements of a tensor as floats, whatever their dtype: the nearest where a float cannot hold them. Complex numbers
    /// and 6-bit floats have none. Elements of two and four bits are taken from the low bits of a byte up.
    /// </summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="destination">As many as <see cref="TensorInfo.CountElements"/> says; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model, its elements are no numbers, or there are more or less.</exception>
    /// <exception cref="ModelPackException">
    /// A block is damaged, a difference to a base that was not named, or the model file only names the file with the tensor's data.
    /// </exception>
    public void ReadElementsAsSingle(PackedTensor tensor, Span<float> destination, CancellationToken cancellationToken = default)
    {
        RequireNumbers(tensor);
        RequireCount(tensor, destination.Length);
        if (tensor.Info.Dtype == Dtype.F32)
        {
            ReadElements(tensor, destination, cancellationToken);
            return;
        }

        if (tensor.Info.Encoding == TensorEncoding.Varint)
        {
            byte[] plain = NewArray<byte>(tensor, tensor.Info.PlainLength());
            ReadPlain(tensor, plain, cancellationToken);
            SingleConverter.Convert(tensor.Info.Dtype, plain, destination);
            return;
        }

        RequirePlain(tensor, TensorExport.RequireData(this, tensor));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesOf(tensor, Math.Min(ConvertedElements, destination.Length)));
        try
        {
            for (int done = 0; done < destination.Length; done += ConvertedElements)
            {
                Span<float> part = destination[done..Math.Min(done + ConvertedElements, destination.Length)];
                Span<byte> bytes = buffer.AsSpan(0, BytesOf(tensor, part.Length));
                ReadTensorRange(tensor, (long)done * tensor.Info.Dtype.BitWidth() / 8, bytes, cancellationToken);
                SingleConverter.Convert(tensor.Info.Dtype, bytes, part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Restores a tensor as floats with its shape; a scalar becomes a vector of one.</summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model, or its elements are no numbers.</exception>
    /// <exception cref="ModelPackException">
    /// A block is damaged, a difference to a base that was not named, the model file only names the file with the tensor's data, or the
    /// tensor is larger than an array can be.
    /// </exception>
    public Tensor<float> ReadTensorAsSingle(PackedTensor tensor, CancellationToken cancellationToken = default)
    {
        RequireNumbers(tensor);
        float[] elements = NewArray<float>(tensor, tensor.Info.CountElements());
        ReadElementsAsSingle(tensor, elements, cancellationToken);
        return Tensor.Create(elements, LengthsOf(tensor));
    }

    /// <summary>Restores the tensor of that name, which <see cref="FindTensor"/> finds, as floats with its shape.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <inheritdoc cref="ReadTensorAsSingle(PackedTensor, CancellationToken)"/>
    public Tensor<float> ReadTensorAsSingle(string name, CancellationToken cancellationToken = default) =>
        ReadTensorAsSingle(FindTensor(name), cancellationToken);

    /// <summary>Restores the elements of a tensor with their fixed width.</summary>
    private void ReadPlain(PackedTensor tensor, Span<byte> destination, CancellationToken cancellationToken)
    {
        long length = TensorExport.RequireData(this, tensor);
        if (tensor.Info.Encoding == TensorEncoding.Raw)
        {
            RequirePlain(tensor, length);
            ReadTensor(tensor, destination, cancellationToken);
            return;
        }

        byte[] plain = NewArray<byte>(tensor, length);
        TensorExport.WriteVarints(this, tensor, new MemoryStream(plain), length, length, cancellationToken);
        plain.CopyTo(destination);
    }

    private void RequireType<T>(PackedTensor tensor)
        where T : unmanaged
    {
        FileOf(tensor, out _);
        if (!ElementType.IsOf<T>(tensor.Info.Dtype))
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' has elements of {tensor.Info.Dtype.DisplayName()}, for which {typeof(T).Name} does not stand", nameof(tensor));
        }
    }

    private void RequireNumbers(PackedTensor tensor)
    {
        FileOf(tensor, out _);
        if (!SingleConverter.Takes(tensor.Info.Dtype))
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' has elements of {tensor.Info.Dtype.DisplayName()}, which have no value as float", nameof(tensor));
        }
    }

    private static void RequireCount(PackedTensor tensor, int length)
    {
        if (tensor.Info.CountElements() is var count && count != length)
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' has {count} elements, the destination {length}", nameof(length));
        }
    }

    /// <summary>A shape and the bytes that go with it come from different places of a hostile container.</summary>
    private void RequirePlain(PackedTensor tensor, long length)
    {
        if (tensor.Length != length)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"tensor '{tensor.Info.Name}' has {tensor.Length} bytes, its shape asks for {length}", Path);
        }
    }

    private T[] NewArray<T>(PackedTensor tensor, long length) => length <= Array.MaxLength
        ? GC.AllocateUninitializedArray<T>((int)length)
        : throw new ModelPackException(ModelPackError.InvalidRequest, $"tensor '{tensor.Info.Name}' is too large for an array; read it in parts, or as a stream", Path);

    private static int BytesOf(PackedTensor tensor, int elements) => (int)((((long)elements * tensor.Info.Dtype.BitWidth()) + 7) / 8);

    /// <summary>Lengths that make up no more elements than an array has, but for those beside a 0.</summary>
    private static nint[] LengthsOf(PackedTensor tensor) => tensor.Info.Shape.IsEmpty
        ? [1]
        : [.. tensor.Info.Shape.Select(static dimension => (nint)Math.Min(dimension, int.MaxValue))];
}
