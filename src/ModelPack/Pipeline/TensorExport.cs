using ModelPack.Formats.Safetensors;
using ModelPack.Primitives;
using ModelPack.Reading;

namespace ModelPack.Pipeline;

/// <summary>Writes tensors to files of their own.</summary>
internal static class TensorExport
{
    /// <summary>Writes one tensor to a stream.</summary>
    /// <exception cref="ModelPackException">
    /// The tensor is damaged, has no data in the packed file, or the format cannot hold it.
    /// </exception>
    public static void Write(PackedModel model, PackedTensor tensor, Stream destination, TensorFileFormat format, CancellationToken cancellationToken)
    {
        TensorInfo info = tensor.Info;
        long length = RequireData(model, tensor);
        if (format == TensorFileFormat.Safetensors)
        {
            destination.Write(SafetensorsHeaderWriter.Write(info.Name, info.Dtype, info.Shape.AsSpan(), length));
        }

        if (info.Encoding == TensorEncoding.Raw)
        {
            model.CopyTensorTo(tensor, destination, cancellationToken);
        }
        else
        {
            WriteVarints(model, tensor, destination, length, long.MaxValue, cancellationToken);
        }
    }

    /// <summary>Writes one tensor to a file.</summary>
    public static void ToFile(PackedModel model, PackedTensor tensor, string target, TensorFileFormat format, UnpackOptions options, CancellationToken cancellationToken)
    {
        using var output = AtomicFile.Create(target, options.Overwrite, options.FlushToDisk);
        Write(model, tensor, output.Stream, format, cancellationToken);
        output.Commit(cancellationToken);
    }

    /// <summary>Writes each tensor to a file of its own in a new folder.</summary>
    public static void ToFolder(
        PackedModel model, IReadOnlyList<(PackedTensor Tensor, string FileName)> tensors, string folder, TensorFileFormat format, UnpackOptions options, CancellationToken cancellationToken)
    {
        using var output = AtomicFolder.Create(folder, options.Overwrite);
        foreach ((PackedTensor tensor, string fileName) in tensors)
        {
            using WrittenFile file = output.CreateFile(fileName);
            Write(model, tensor, file, format, cancellationToken);
            if (options.FlushToDisk)
            {
                file.FlushToDevice();
            }
        }

        output.Commit(cancellationToken);
    }

    /// <summary>Writes elements that the file has as varints with a fixed width.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensor">A tensor of it.</param>
    /// <param name="destination">Receives the elements.</param>
    /// <param name="length">Bytes that there must be.</param>
    /// <param name="limit">Most bytes that the destination takes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">A block is damaged, or there are other varints than the shape asks for.</exception>
    public static void WriteVarints(PackedModel model, PackedTensor tensor, Stream destination, long length, long limit, CancellationToken cancellationToken)
    {
        // A varint stands for an element, or for a byte full of elements that are smaller than a byte.
        int elementSize = Math.Max(1, tensor.Info.Dtype.BitWidth() / 8);
        var expander = new VarintExpander(destination, elementSize, limit / elementSize);
        try
        {
            using TensorReader reader = model.OpenTensor(tensor);
            while (reader.ReadNext() is { IsEmpty: false } part)
            {
                cancellationToken.ThrowIfCancellationRequested();
                expander.Add(part);
            }

            expander.Finish();
            if (expander.Count != length / elementSize)
            {
                throw new ModelPackException(ModelPackError.Corrupt, $"tensor '{tensor.Info.Name}' has {expander.Count} varints, its shape asks for {length / elementSize}");
            }
        }
        catch (ModelPackException exception)
        {
            throw exception.At(model.Path, 0);
        }
    }

    /// <summary>Bytes of the tensor as fixed-width elements, of which the packed file must have some if there are any.</summary>
    /// <exception cref="ModelPackException">The data lies elsewhere, or the shape is not sound.</exception>
    public static long RequireData(PackedModel model, PackedTensor tensor)
    {
        long length = tensor.Info.PlainLength();
        return tensor.Length > 0 || length == 0
            ? length
            : throw new ModelPackException(ModelPackError.InvalidRequest, $"the data of tensor '{tensor.Info.Name}' lies in another file, which was not packed", model.Path);
    }
}
