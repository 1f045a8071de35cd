using ModelPack.Container;
using ModelPack.Formats;
using ModelPack.Pipeline.Folders;
using ModelPack.Pipeline.Hub;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>One file to pack.</summary>
/// <param name="Path">Its path in the container.</param>
/// <param name="Open">Opens it.</param>
/// <param name="Length">Bytes, for progress; the source itself is asked again.</param>
/// <param name="Stamp">Tells what is recorded of it besides its bytes, and whether it was changed while it was packed.</param>
internal sealed record PackInputFile(string Path, Func<ByteSource> Open, long Length, Func<FileStamp> Stamp)
{
    /// <summary>Finds the hash that a hub gave for it; null for what has no place on a disk.</summary>
    public Func<PublishedHash?>? FindPublishedHash { get; init; }

    /// <summary>How it was mapped, where that was needed to find out what is to be packed.</summary>
    public ReadFormat? Known { get; init; }
}

/// <summary>How a file was mapped.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Stamp">What it was like right before it was read.</param>
internal sealed record ReadFormat(DetectedFormat Format, FileStamp Stamp);

/// <summary>The files that go into one container.</summary>
internal sealed class PackInput : IDisposable
{
    private readonly Spool? _spool;

    private PackInput(ContainerContent content, IReadOnlyList<PackInputFile> files, IReadOnlyList<ModelPackWarning> warnings, Spool? spool = null)
    {
        Content = content;
        Files = files;
        Warnings = warnings;
        _spool = spool;
    }

    public ContainerContent Content { get; }

    public IReadOnlyList<PackInputFile> Files { get; }

    /// <summary>Folders, then links.</summary>
    public IReadOnlyList<FolderEntry> Entries { get; private init; } = [];

    public IReadOnlyList<ModelPackWarning> Warnings { get; }

    /// <summary>True when the file came without the files beside it: through a stream or from memory.</summary>
    public bool IsDetached { get; private init; }

    /// <summary>Path in the container of the file that was to be packed, where others came along; null where none did.</summary>
    public string? LeadingPath { get; private init; }

    public long TotalLength => Files.Sum(static file => file.Length);

    /// <param name="source">A file or a folder.</param>
    /// <param name="filter">Which files of a folder to take; null takes all.</param>
    /// <exception cref="FileNotFoundException">There is nothing at that path.</exception>
    /// <exception cref="ModelPackException">A folder holds something that cannot be packed, or nothing that is selected.</exception>
    public static PackInput FromPath(string source, PathFilter? filter = null)
    {
        if (Directory.Exists(source))
        {
            return FromFolder(source, filter);
        }

        if (filter is not null && File.Exists(source))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a file; patterns select files of a folder", source);
        }

        var file = new FileInfo(source);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"{source}: no such file or folder", source);
        }

        if (!FileKind.IsRegular(source))
        {
            throw NotRegular(source);
        }

        return new PackInput(ContainerContent.File, [FromFile(file.Name, source)], []);
    }

    /// <summary>The one file of this input with others that belong to it.</summary>
    /// <param name="companions">Others; their paths are relative to its folder. If there are none, it stays a file.</param>
    /// <param name="known">How the file was mapped to find them.</param>
    public PackInput With(IReadOnlyCollection<PackInputFile> companions, ReadFormat known)
    {
        List<PackInputFile> files = [Files[0] with { Known = known }, .. companions];
        if (companions.Count == 0)
        {
            return new PackInput(Content, files, Warnings, _spool) { IsDetached = IsDetached };
        }

        files.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new PackInput(ContainerContent.Folder, files, Warnings, _spool) { LeadingPath = Files[0].Path };
    }

    /// <summary>Files that lie wherever they can be opened.</summary>
    public static PackInput FromFiles(ContainerContent content, IReadOnlyList<PackInputFile> files) => new(content, files, []);

    /// <summary>One file whose bytes are in memory already, and stay there and as they are.</summary>
    public static PackInput FromMemory(ReadOnlyMemory<byte> bytes, string name) =>
        new(ContainerContent.File, [new PackInputFile(Path.GetFileName(name), () => ByteSource.FromMemory(bytes, name), bytes.Length, static () => default)], []) { IsDetached = true };

    /// <summary>Copies the stream to a temporary file that vanishes when the input is disposed, or the process dies.</summary>
    public static PackInput FromStream(Stream source, string name, CancellationToken cancellationToken)
    {
        var spool = new Spool();
        try
        {
            byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
            for (int read; (read = source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                spool.Append(buffer.AsSpan(0, read));
            }

            var file = new PackInputFile(Path.GetFileName(name), () => spool.Open(name.Length > 0 ? name : "(unnamed)"), spool.Length, static () => default);
            return new PackInput(ContainerContent.File, [file], [], spool) { IsDetached = true };
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    public void Dispose() => _spool?.Dispose();

    private static PackInput FromFolder(string root, PathFilter? filter)
    {
        (List<PackInputFile> files, IReadOnlyList<FolderEntry> entries) = FolderWalk.Run(root, filter);
        if (filter is not null && files.Count == 0 && !entries.Any(static entry => entry.IsNeeded))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "has no file that the patterns select", root);
        }

        return new PackInput(ContainerContent.Folder, files, []) { Entries = entries };
    }

    public static PackInputFile FromFile(string path, string fullPath) =>
        new(path, () => ByteSource.OpenFile(fullPath), FileStatus.Of(fullPath, followLink: true).Length, () => FileStamp.Of(fullPath)) { FindPublishedHash = () => PublishedHash.Of(fullPath) };

    private static ModelPackException NotRegular(string path) =>
        new(ModelPackError.InvalidRequest, "is neither a regular file nor a folder; pipes, sockets and devices are not packed", path);
}
