using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Reading;

namespace ModelPack;

/// <content>Bytes of tensors and of files.</content>
public sealed partial class PackedModel
{
    /// <summary>Restores the bytes of a tensor, as they stand in the original file, decoding only the blocks that hold them.</summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="destination">Exactly <see cref="PackedTensor.Length"/> bytes; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <remarks>
    /// A large tensor is decoded by several threads (<see cref="OpenOptions.Threads"/>) where its bytes go. One beyond the length of a
    /// span is read in parts (<see cref="ReadTensorRange"/>), or as a stream.
    /// </remarks>
    /// <exception cref="ArgumentException">The tensor is not of this model, or the destination has another length.</exception>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void ReadTensor(PackedTensor tensor, Span<byte> destination, CancellationToken cancellationToken = default)
    {
        IndexedFile file = FileOf(tensor, out ReadOnlyMemory<TensorRange> ranges);
        RequireLength(tensor, destination);
        _reader.Read(file, ranges.Span, 0, destination, cancellationToken);
    }

    /// <summary>Restores the bytes of the tensor of that name, which <see cref="FindTensor"/> finds.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="destination">Exactly <see cref="PackedTensor.Length"/> bytes; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ModelPackException">There is no such tensor, a block is damaged, or a difference to a base that was not named.</exception>
    public void ReadTensor(string name, Span<byte> destination, CancellationToken cancellationToken = default) =>
        ReadTensor(FindTensor(name), destination, cancellationToken);

    /// <summary>Restores some bytes of a tensor, decoding only the blocks that hold them.</summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="offset">Where they start in the tensor.</param>
    /// <param name="destination">Receives as many bytes as it takes, which the tensor must have; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all of the tensor.</exception>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void ReadTensorRange(PackedTensor tensor, long offset, Span<byte> destination, CancellationToken cancellationToken = default)
    {
        IndexedFile file = FileOf(tensor, out ReadOnlyMemory<TensorRange> ranges);
        RequireRange(offset, destination.Length, tensor.Length);
        _reader.Read(file, ranges.Span, offset, destination, cancellationToken);
    }

    /// <summary>Restores some bytes of an original file, whatever they belong to, decoding only the blocks that hold them.</summary>
    /// <param name="file">A file of this model.</param>
    /// <param name="offset">Where they start in the original file.</param>
    /// <param name="destination">Receives as many bytes as it takes, which the file must have; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The file is not of this model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all of the file.</exception>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void ReadRange(PackedFile file, long offset, Span<byte> destination, CancellationToken cancellationToken = default)
    {
        IndexedFile indexed = IndexedFileOf(file);
        RequireRange(offset, destination.Length, indexed.Length);
        _reader.Read(indexed, offset, destination, cancellationToken);
    }

    /// <summary>Restores the bytes of a tensor on threads of the pool.</summary>
    /// <inheritdoc cref="ReadTensor(PackedTensor, Span{byte}, CancellationToken)"/>
    public Task ReadTensorAsync(PackedTensor tensor, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Task.Run(() => ReadTensor(tensor, destination.Span, cancellationToken), cancellationToken);

    /// <summary>Restores the bytes of the tensor of that name on threads of the pool.</summary>
    /// <inheritdoc cref="ReadTensor(string, Span{byte}, CancellationToken)"/>
    public Task ReadTensorAsync(string name, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Task.Run(() => ReadTensor(name, destination.Span, cancellationToken), cancellationToken);

    /// <summary>Restores some bytes of a tensor on threads of the pool.</summary>
    /// <inheritdoc cref="ReadTensorRange"/>
    public Task ReadTensorRangeAsync(PackedTensor tensor, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Task.Run(() => ReadTensorRange(tensor, offset, destination.Span, cancellationToken), cancellationToken);

    /// <summary>Restores some bytes of an original file on threads of the pool.</summary>
    /// <inheritdoc cref="ReadRange"/>
    public Task ReadRangeAsync(PackedFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Task.Run(() => ReadRange(file, offset, destination.Span, cancellationToken), cancellationToken);

    /// <summary>Writes the bytes of a tensor, as they stand in the original file, block by block.</summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="destination">Receives them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model.</exception>
    /// <exception cref="ModelPackException">A block is damaged; what was written before is not sound as a whole.</exception>
    public void CopyTensorTo(PackedTensor tensor, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using TensorReader reader = OpenTensor(tensor);
        while (reader.ReadNext() is { IsEmpty: false } part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            destination.Write(part);
        }
    }

    /// <summary>
    /// Writes a tensor as a file of its own: fixed-width little-endian elements, also where the original file holds varints.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not of this model.</exception>
    /// <exception cref="ModelPackException">
    /// A block is damaged, the model file only names the file with the tensor's data, or the format cannot hold the tensor.
    /// </exception>
    public void ExtractTensor(PackedTensor tensor, Stream destination, TensorFileFormat format = TensorFileFormat.Raw, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(destination);
        TensorExport.Write(this, tensor, destination, format, cancellationToken);
    }

    /// <summary>Writes a tensor to a file, which appears when it is complete.</summary>
    /// <inheritdoc cref="ExtractTensor(PackedTensor, Stream, TensorFileFormat, CancellationToken)"/>
    public void ExtractTensor(
        PackedTensor tensor, string target, TensorFileFormat format = TensorFileFormat.Raw, UnpackOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        TensorExport.ToFile(this, tensor, target, format, options ?? new UnpackOptions(), cancellationToken);
    }

    /// <summary>Writes tensors to files in a new folder, which appears when all are complete.</summary>
    /// <param name="tensors">Tensors of this model, each with the name of its file.</param>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="format">How to write them.</param>
    /// <param name="options">Whether to replace an existing folder, and to wait for the device.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <inheritdoc cref="ExtractTensor(PackedTensor, Stream, TensorFileFormat, CancellationToken)"/>
    public void ExtractTensors(
        IReadOnlyList<(PackedTensor Tensor, string FileName)> tensors,
        string folder,
        TensorFileFormat format = TensorFileFormat.Raw,
        UnpackOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        TensorExport.ToFolder(this, tensors, folder, format, options ?? new UnpackOptions(), cancellationToken);
    }

    /// <summary>Opens the original bytes of a file as a stream.</summary>
    /// <param name="file">A file of this model, which must outlive the stream.</param>
    /// <exception cref="ArgumentException">The file is not of this model.</exception>
    public ModelPackStream OpenFileStream(PackedFile file) => OpenFileStream(file, ownsModel: false);

    /// <summary>Opens the bytes of a tensor, as they stand in the original file, as a stream.</summary>
    /// <param name="tensor">A tensor of this model, which must outlive the stream.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model.</exception>
    public ModelPackStream OpenTensorStream(PackedTensor tensor)
    {
        IndexedFile file = FileOf(tensor, out ReadOnlyMemory<TensorRange> ranges);
        return new ModelPackStream(this, ownsModel: false, _blocks, _reader, file, ranges);
    }

    internal ModelPackStream OpenFileStream(PackedFile file, bool ownsModel)
    {
        IndexedFile indexed = IndexedFileOf(file);
        var whole = new TensorRange(0, indexed.Length, 0);
        return new ModelPackStream(this, ownsModel, _blocks, _reader, indexed, indexed.Length == 0 ? default : new[] { whole });
    }

    /// <exception cref="ModelPackException">There are several files, or none.</exception>
    internal PackedFile SingleFile() => Files is [PackedFile file]
        ? file
        : throw new ModelPackException(ModelPackError.InvalidRequest, $"has {Files.Count} files; name one", Path);

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    internal TensorReader OpenTensor(PackedTensor tensor)
    {
        IndexedFile file = FileOf(tensor, out ReadOnlyMemory<TensorRange> ranges);
        return new TensorReader(_blocks, file, ranges);
    }

    /// <summary>The file that holds the bytes of a tensor, which may be another than the one that lists it, and where in it.</summary>
    private IndexedFile FileOf(PackedTensor tensor, out ReadOnlyMemory<TensorRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ThrowIfDisposed();
        (int file, int index) = tensor.Place;
        if (file >= Files.Count || index >= Files[file].Tensors.Count || !ReferenceEquals(Files[file].Tensors[index], tensor))
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' is not of this model", nameof(tensor));
        }

        IndexedFile lists = _container.Index.Files[file];
        if (tensor.External is not { } external)
        {
            ranges = lists.TensorRanges(index);
            return lists;
        }

        ranges = external.Length == 0 ? default : new[] { new TensorRange(external.Offset, external.Length, 0) };
        return _container.Index.Files[(int)lists.Entry.Tensors[index].ExternalFile - 1];
    }

    private IndexedFile IndexedFileOf(PackedFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ThrowIfDisposed();
        bool isOurs = file.Index < Files.Count && ReferenceEquals(Files[file.Index], file);
        return isOurs ? _container.Index.Files[file.Index] : throw new ArgumentException($"file '{file.Path}' is not of this model", nameof(file));
    }

    private static void RequireLength(PackedTensor tensor, ReadOnlySpan<byte> destination)
    {
        if (destination.Length != tensor.Length)
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' has {tensor.Length} bytes, the destination {destination.Length}", nameof(destination));
        }
    }

    private static void RequireRange(long offset, int length, long available)
    {
        if (offset < 0 || offset > available - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{length} bytes were asked for from there, of {available}");
        }
    }
}
