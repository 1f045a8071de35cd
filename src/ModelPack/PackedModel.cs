using System.Diagnostics.CodeAnalysis;
using ModelPack.Container;
using ModelPack.Container.Parts;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;
using ModelPack.Reading;

namespace ModelPack;

/// <summary>A packed model opened for reading parts of it. Its methods may be called from several threads at once.</summary>
public sealed partial class PackedModel : IDisposable
{
    private readonly ContainerFile _container;
    private readonly BaseFiles? _bases;
    private readonly BlockStore _blocks;
    private readonly RangeReader _reader;
    private readonly Lazy<TensorTable> _tensorTable;
    private readonly Lazy<Dictionary<string, PackedFile>> _fileTable;
    private bool _disposed;

    private PackedModel(ContainerFile container, BaseFiles? bases, OpenOptions options)
    {
        _container = container;
        _bases = bases;
        _blocks = new BlockStore(container, bases, options.CacheLength);
        _reader = new RangeReader(_blocks, UnpackPipeline.ThreadCount(options.Threads));
        var external = new ExternalView(container.Index.Files);
        Files = [.. container.Index.Files.Select((file, index) => PackedFileView.Make(file, index, external))];
        LeadingFile = container.Index.Files.FirstOrDefault(static file => file.IsLeading)?.Path;
        Tensors = [.. Files.SelectMany(static file => file.Tensors)];
        _tensorTable = new Lazy<TensorTable>(() => new TensorTable(Tensors));
        _fileTable = new Lazy<Dictionary<string, PackedFile>>(() => Files.ToDictionary(static file => file.Path, StringComparer.Ordinal));
    }

    /// <summary>Path of the container, or what stands for it in messages when it was not opened by path.</summary>
    public string Path => _container.Name;

    /// <summary>Bytes of the container.</summary>
    public long PackedLength => _container.Length;

    /// <summary>True when the container holds a folder, false when it holds one file.</summary>
    public bool IsFolder => _container.Content == ContainerContent.Folder;

    /// <summary>The base that is needed to restore the model; null when there is none.</summary>
    public BaseModel? Base => PackedFileView.MakeBase(_container.Index.Base);

    /// <summary>
    /// Path of the file that was to be packed, where the other files came along because it refers to them, as an ONNX model does
    /// to its data; null for other containers.
    /// </summary>
    public string? LeadingFile { get; }

    /// <summary>The files, in container order.</summary>
    public IReadOnlyList<PackedFile> Files { get; }

    /// <summary>The tensors of all files, in the order of the files and of each file's own table.</summary>
    public IReadOnlyList<PackedTensor> Tensors { get; }

    /// <summary>How many blocks were decoded so far.</summary>
    internal long DecodedBlocks => _blocks.RestoredBlocks;

    /// <summary>The folders that were recorded, ordered by path: empty ones, and where times were recorded all, the packed folder first.</summary>
    public IReadOnlyList<PackedFolder> Folders => PackedFileView.MakeFolders(_container.Index);

    /// <summary>The symbolic links, ordered by path.</summary>
    public IReadOnlyList<PackedLink> Links => PackedFileView.MakeLinks(_container.Index);

    /// <summary>Opens a container and reads its index.</summary>
    /// <param name="path">Path of the container.</param>
    /// <param name="options">How to read it, and where its base is.</param>
    /// <param name="cancellationToken">Cancels the checking of the base.</param>
    /// <exception cref="ModelPackException">
    /// The file is no container, is damaged, or needs a newer version; or the base is not the one that it needs.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PackedModel Open(string path, OpenOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(PackedPath.Open(path), options, cancellationToken);
    }

    /// <summary>Opens a container that was packed as a difference to a base, and checks that base.</summary>
    /// <param name="path">Path of the container.</param>
    /// <param name="basePath">Path of the base: a file, a folder, or a container of either. Not looked at when the container needs none.</param>
    /// <param name="cancellationToken">Cancels the checking.</param>
    /// <exception cref="ModelPackException">The file is no sound container, or the base is not the one that it needs.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PackedModel Open(string path, string basePath, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(basePath);
        return Open(path, new OpenOptions { Base = basePath }, cancellationToken);
    }

    /// <summary>Opens a container that starts where a stream stands and ends where the stream does.</summary>
    /// <param name="packed">A stream that can seek, and that nothing else uses until the model is disposed.</param>
    /// <param name="options">How to read it, and where its base is.</param>
    /// <param name="leaveOpen">Whether to leave the stream open when the model is disposed, or could not be opened.</param>
    /// <param name="cancellationToken">Cancels the checking of the base.</param>
    /// <remarks>A stream is read by one thread at a time; of a file that is opened by path several read at once.</remarks>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <inheritdoc cref="Open(string, OpenOptions?, CancellationToken)"/>
    public static PackedModel Open(Stream packed, OpenOptions? options = null, bool leaveOpen = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(packed);
        if (!packed.CanSeek || !packed.CanRead)
        {
            throw new ArgumentException("a packed model is read at any offset; this stream cannot seek", nameof(packed));
        }

        return Open(ByteSource.FromStream(packed, leaveOpen), options, cancellationToken);
    }

    /// <summary>Opens a container in memory.</summary>
    /// <param name="packed">The whole container; must not change until the model is disposed.</param>
    /// <param name="options">How to read it, and where its base is.</param>
    /// <param name="cancellationToken">Cancels the checking of the base.</param>
    /// <inheritdoc cref="Open(string, OpenOptions?, CancellationToken)"/>
    public static PackedModel Open(ReadOnlyMemory<byte> packed, OpenOptions? options = null, CancellationToken cancellationToken = default) =>
        Open(ByteSource.FromMemory(packed, "(memory)"), options, cancellationToken);

    /// <summary>Opens a container on a thread of the pool: reading the index and checking a base takes a while.</summary>
    /// <inheritdoc cref="Open(string, OpenOptions?, CancellationToken)"/>
    public static Task<PackedModel> OpenAsync(string path, OpenOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, options, cancellationToken), cancellationToken);

    /// <summary>Opens a container in a stream on a thread of the pool.</summary>
    /// <inheritdoc cref="Open(Stream, OpenOptions?, bool, CancellationToken)"/>
    public static Task<PackedModel> OpenAsync(
        Stream packed, OpenOptions? options = null, bool leaveOpen = false, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(packed, options, leaveOpen, cancellationToken), cancellationToken);

    /// <summary>Opens a container in a source, which the result then owns.</summary>
    internal static PackedModel Open(ByteSource source, OpenOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new OpenOptions();
        ContainerFile? container = null;
        BaseFiles? bases = null;
        try
        {
            ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
            ArgumentOutOfRangeException.ThrowIfNegative(options.CacheLength);
            container = ContainerFile.Open(source);
            CheckExpansion(container, options);
            if (container.Index.Base is { } record && options.Base is not null)
            {
                bases = BaseFiles.Open(record, options.Base, UnpackPipeline.ThreadCount(options.Threads), cancellationToken);
            }

            return new PackedModel(container, bases, options);
        }
        catch
        {
            bases?.Dispose();
            container?.Dispose();
            source.Dispose();
            throw;
        }
    }

    private static void CheckExpansion(ContainerFile container, OpenOptions options)
    {
        static Int128 Sum(IEnumerable<long> lengths) => lengths.Aggregate((Int128)0, static (sum, length) => sum + length);

        Int128 given = container.Length + Sum(container.Index.Base?.Files.Select(static file => (long)file.Length) ?? []);
        try
        {
            new ExpansionLimit(options.MaxExpansion).Check(Sum(container.Index.Files.Select(static file => file.Length)), given);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(container.Name, 0);
        }
    }

    /// <summary>Finds the file of that path; paths are case-sensitive.</summary>
    /// <param name="path">Path as in <see cref="PackedFile.Path"/>.</param>
    /// <exception cref="ModelPackException">There is no such file.</exception>
    public PackedFile FindFile(string path) => TryFindFile(path, out PackedFile? file)
        ? file
        : throw new ModelPackException(ModelPackError.InvalidRequest, $"there is no file '{path}'", Path);

    /// <summary>Finds the file of that path; paths are case-sensitive.</summary>
    /// <param name="path">Path as in <see cref="PackedFile.Path"/>.</param>
    /// <param name="file">The file.</param>
    /// <returns>False when there is no such file.</returns>
    public bool TryFindFile(string path, [NotNullWhen(true)] out PackedFile? file)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _fileTable.Value.TryGetValue(path, out file);
    }

    /// <summary>
    /// Finds the tensor of that name; names are case-sensitive. A file that only names another one for a tensor's data gives way
    /// to that other.
    /// </summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="file">Path of the file that holds it; null looks in all files.</param>
    /// <exception cref="ModelPackException">There is no such tensor, or several files have one of that name.</exception>
    public PackedTensor FindTensor(string name, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        PackedTensor? found = _tensorTable.Value.Find(name, file, out int count);
        return (found, count) switch
        {
            ({ } tensor, _) => tensor,
            (_, 0) => throw new ModelPackException(ModelPackError.InvalidRequest, $"there is no tensor '{name}'", Path),
            _ => throw new ModelPackException(ModelPackError.InvalidRequest, $"{count} files have a tensor '{name}'; name the file", Path),
        };
    }

    /// <inheritdoc cref="TryFindTensor(string, string?, out PackedTensor?)"/>
    public bool TryFindTensor(string name, [NotNullWhen(true)] out PackedTensor? tensor) => TryFindTensor(name, null, out tensor);

    /// <summary>Finds the tensor of that name as <see cref="FindTensor"/> does.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="file">Path of the file that holds it; null looks in all files.</param>
    /// <param name="tensor">The tensor.</param>
    /// <returns>False when there is no such tensor, or several files have one of that name.</returns>
    public bool TryFindTensor(string name, string? file, [NotNullWhen(true)] out PackedTensor? tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        tensor = _tensorTable.Value.Find(name, file, out _);
        return tensor is not null;
    }

    /// <summary>Closes the container. Streams that were opened from the model can no longer be read.</summary>
    public void Dispose()
    {
        _disposed = true;
        _container.Dispose();
        _bases?.Dispose();
    }
}
