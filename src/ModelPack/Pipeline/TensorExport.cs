using ModelPack.Formats.Safetensors;
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
        long length = PlainLength(info);
        if (tensor.Length == 0 && length > 0)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"the data of tensor '{info.Name}' lies in another file, which the model file only names", model.Path);
        }

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
            WriteVarints(model, tensor, destination, length, cancellationToken);
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
            using FileStream file = output.CreateFile(fileName);
            Write(model, tensor, file, format, cancellationToken);
            file.Flush(options.FlushToDisk);
        }

        output.Commit(cancellationToken);
    }

    private static void WriteVarints(PackedModel model, PackedTensor tensor, Stream destination, long length, CancellationToken cancellationToken)
    {
        // A varint stands for an element, or for a byte full of elements that are smaller than a byte.
        int elementSize = Math.Max(1, tensor.Info.Dtype.BitWidth() / 8);
        var expander = new VarintExpander(destination, elementSize);
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

    /// <summary>Bytes of the tensor as fixed-width elements.</summary>
    private static long PlainLength(TensorInfo info)
    {
        if (info.Shape.Contains(0UL))
        {
            return 0;
        }

        UInt128 bits = (UInt128)info.Dtype.BitWidth();
        foreach (ulong dimension in info.Shape)
        {
            // Below 2^64 before, so the product is below 2^128.
            bits *= dimension;
            if (bits > long.MaxValue)
            {
                throw new ModelPackException(ModelPackError.Corrupt, $"the shape of tensor '{info.Name}' asks for more than 2^63 bits");
            }
        }

        return (long)((bits + 7) / 8);
    }
}
