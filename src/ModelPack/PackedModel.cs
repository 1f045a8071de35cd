using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;
using ModelPack.Primitives;

namespace ModelPack;

/// <summary>One plane of a tensor as packed.</summary>
/// <param name="Name">What the plane holds: <c>exponent</c>, <c>sign-mantissa</c>, <c>bytes</c>….</param>
/// <param name="Coder">The coder that coded most of the plane's bytes.</param>
/// <param name="PackedLength">Coded bytes.</param>
public sealed record PackedPlane(string Name, PlaneCoder Coder, long PackedLength);

/// <summary>A tensor of a packed file.</summary>
/// <param name="Info">Name, dtype, shape and encoding.</param>
/// <param name="Length">Bytes of the tensor in the original file.</param>
/// <param name="PackedLength">Bytes of the container spent on it; its share where it shares a block with others.</param>
/// <param name="Planes">Its planes; empty when it has no bytes of its own.</param>
public sealed record PackedTensor(TensorInfo Info, long Length, long PackedLength, IReadOnlyList<PackedPlane> Planes)
{
    /// <summary>Bytes of the tensor that the container holds elsewhere already, as part of an equal tensor.</summary>
    public long RepeatedLength { get; init; }

    /// <summary>Bytes of the tensor that are packed as a difference to a base.</summary>
    public long BaseLength { get; init; }
}

/// <summary>A file of a container.</summary>
/// <param name="Path">Relative path with <c>/</c> between its parts.</param>
/// <param name="Format">How the file was understood.</param>
/// <param name="Length">Original bytes.</param>
/// <param name="PackedLength">Bytes of the container spent on the file, without the index.</param>
/// <param name="BlockCount">Number of blocks.</param>
/// <param name="Checksum">Checksum derived from those of the blocks (Container/FORMAT.md, "Checksums").</param>
/// <param name="Sha256">SHA-256 of the original in lower-case hexadecimal, when recorded.</param>
/// <param name="Tensors">All tensors, in the order of the original's own table.</param>
public sealed record PackedFile(
    string Path, ModelFormat Format, long Length, long PackedLength, int BlockCount, ulong Checksum, string? Sha256, IReadOnlyList<PackedTensor> Tensors);

/// <summary>A packed model opened for reading parts of it. Its methods may be called from several threads at once.</summary>
public sealed class PackedModel : IDisposable
{
    private readonly ContainerFile _container;
    private readonly BaseFiles? _bases;

    private PackedModel(ContainerFile container, BaseFiles? bases = null)
    {
        _container = container;
        _bases = bases;
        Files = [.. container.Index.Files.Select(PackedFileView.Make)];
    }

    /// <summary>Path of the container.</summary>
    public string Path => _container.Name;

    /// <summary>Bytes of the container.</summary>
    public long PackedLength => _container.Length;

    /// <summary>True when the container holds a folder, false when it holds one file.</summary>
    public bool IsFolder => _container.Content == ContainerContent.Folder;

    /// <summary>The base that is needed to restore the model; null when there is none.</summary>
    public BaseModel? Base => PackedFileView.MakeBase(_container.Index.Base);

    /// <summary>The files, in container order.</summary>
    public IReadOnlyList<PackedFile> Files { get; }

    /// <summary>Opens a container and reads its index.</summary>
    /// <exception cref="ModelPackException">The file is no container, is damaged, or needs a newer version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PackedModel Open(string path) => new(ContainerFile.Open(path));

    /// <summary>Opens a container that was packed as a difference to a base, and checks that base.</summary>
    /// <param name="path">Path of the container.</param>
    /// <param name="basePath">Path of the base: a file, a folder, or a container of either. Not looked at when the container needs none.</param>
    /// <param name="cancellationToken">Cancels the checking.</param>
    /// <exception cref="ModelPackException">The file is no sound container, or the base is not the one that it needs.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PackedModel Open(string path, string basePath, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(basePath);
        var container = ContainerFile.Open(path);
        try
        {
            return new PackedModel(
                container, container.Index.Base is { } record ? BaseFiles.Open(record, basePath, Environment.ProcessorCount, cancellationToken) : null);
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    /// <summary>Opens a container in a source, which the result then owns.</summary>
    internal static PackedModel Open(ByteSource source) => new(ContainerFile.Open(source));

    /// <summary>Finds the tensor of that name; names are case-sensitive.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="file">Path of the file that holds it; null looks in all files.</param>
    /// <exception cref="ModelPackException">There is no such tensor, or several files have one of that name.</exception>
    public PackedTensor FindTensor(string name, string? file = null)
    {
        PackedTensor[] found =
        [
            .. Files.Where(f => file is null || f.Path == file).SelectMany(static f => f.Tensors).Where(t => t.Info.Name == name),
        ];
        return found switch
        {
            [PackedTensor tensor] => tensor,
            [] => throw new ModelPackException(ModelPackError.InvalidRequest, $"there is no tensor '{name}'", Path),
            _ => throw new ModelPackException(ModelPackError.InvalidRequest, $"{found.Length} files have a tensor '{name}'; name the file", Path),
        };
    }

    /// <summary>Restores the bytes of a tensor, as they stand in the original file, decoding only the blocks that hold them.</summary>
    /// <param name="tensor">A tensor of this model.</param>
    /// <param name="destination">Exactly <see cref="PackedTensor.Length"/> bytes.</param>
    /// <exception cref="ArgumentException">The tensor is not of this model, or the destination has another length.</exception>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void ReadTensor(PackedTensor tensor, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (destination.Length != tensor.Length)
        {
            throw new ArgumentException($"tensor '{tensor.Info.Name}' has {tensor.Length} bytes, the destination {destination.Length}", nameof(destination));
        }

        int written = 0;
        TensorReader reader = OpenTensor(tensor);
        while (reader.ReadNext() is { IsEmpty: false } part)
        {
            part.CopyTo(destination[written..]);
            written += part.Length;
        }
    }

    /// <summary>Writes the bytes of a tensor, as they stand in the original file, block by block.</summary>
    /// <exception cref="ArgumentException">The tensor is not of this model.</exception>
    /// <exception cref="ModelPackException">A block is damaged; what was written before is not sound as a whole.</exception>
    public void CopyTensorTo(PackedTensor tensor, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(destination);
        TensorReader reader = OpenTensor(tensor);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _container.Dispose();
        _bases?.Dispose();
    }

    internal TensorReader OpenTensor(PackedTensor tensor)
    {
        for (int file = 0; file < Files.Count; file++)
        {
            IReadOnlyList<PackedTensor> tensors = Files[file].Tensors;
            for (int index = 0; index < tensors.Count; index++)
            {
                if (ReferenceEquals(tensors[index], tensor))
                {
                    return new TensorReader(_container, _container.Index.Files[file], index, _bases);
                }
            }
        }

        throw new ArgumentException($"tensor '{tensor.Info.Name}' is not of this model", nameof(tensor));
    }
}
