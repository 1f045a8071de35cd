using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>One file to pack.</summary>
/// <param name="Path">Its path in the container.</param>
/// <param name="Open">Opens it.</param>
/// <param name="Length">Bytes, for progress; the source itself is asked again.</param>
/// <param name="Stamp">Tells the time of the last change, to notice one while packing.</param>
internal sealed record PackInputFile(string Path, Func<ByteSource> Open, long Length, Func<DateTime> Stamp);

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

    public IReadOnlyList<ModelPackWarning> Warnings { get; }

    /// <summary>True when the file came without the files beside it: through a stream or from memory.</summary>
    public bool IsDetached { get; private init; }

    /// <summary>Path in the container of the file that was to be packed, where others came along; null where none did.</summary>
    public string? LeadingPath { get; private init; }

    public long TotalLength => Files.Sum(static file => file.Length);

    /// <exception cref="FileNotFoundException">There is nothing at that path.</exception>
    /// <exception cref="ModelPackException">A folder holds something that is neither file nor folder.</exception>
    public static PackInput FromPath(string source)
    {
        if (Directory.Exists(source))
        {
            return FromFolder(new DirectoryInfo(source));
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

    /// <summary>The one file of this input with others that belong to it; their paths are relative to its folder.</summary>
    public PackInput With(IEnumerable<PackInputFile> companions)
    {
        List<PackInputFile> files = [.. Files, .. companions];
        files.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new PackInput(ContainerContent.Folder, files, Warnings, _spool) { LeadingPath = Files[0].Path };
    }

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

    private static PackInput FromFolder(DirectoryInfo root)
    {
        var files = new List<PackInputFile>();
        var warnings = new List<ModelPackWarning>();
        var pending = new Stack<(DirectoryInfo Folder, string Prefix)>([(root, "")]);
        while (pending.TryPop(out (DirectoryInfo Folder, string Prefix) next))
        {
            FileSystemInfo[] entries = next.Folder.GetFileSystemInfos();
            if (entries.Length == 0)
            {
                warnings.Add(new ModelPackWarning(next.Folder.FullName, "an empty folder is not kept", null));
            }

            foreach (FileSystemInfo entry in entries)
            {
                string path = next.Prefix + entry.Name;
                if (entry.LinkTarget is not null || !(entry is DirectoryInfo || FileKind.IsRegular(entry.FullName)))
                {
                    throw NotRegular(entry.FullName);
                }

                if (entry is DirectoryInfo folder)
                {
                    pending.Push((folder, path + "/"));
                }
                else
                {
                    files.Add(FromFile(path, entry.FullName));
                }
            }
        }

        // The order of a folder's entries differs between machines.
        files.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new PackInput(ContainerContent.Folder, files, warnings);
    }

    public static PackInputFile FromFile(string path, string fullPath) =>
        new(path, () => ByteSource.OpenFile(fullPath), new FileInfo(fullPath).Length, () => File.GetLastWriteTimeUtc(fullPath));

    private static ModelPackException NotRegular(string path) =>
        new(ModelPackError.InvalidRequest, "is neither a regular file nor a folder; links, pipes and devices are not packed", path);
}
