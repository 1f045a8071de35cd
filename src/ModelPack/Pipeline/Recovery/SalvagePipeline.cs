using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline.Recovery;

/// <summary>Restores what is sound of a damaged container.</summary>
internal static class SalvagePipeline
{
    /// <summary>What is added to the name of a file that is not complete.</summary>
    public const string Extension = ".damaged";

    private static readonly byte[] Zeros = new byte[1 << 16];

    /// <summary>Writes the files. Blocks have been checked.</summary>
    /// <returns>Paths of what was written, in container order.</returns>
    public static IReadOnlyList<string> Run(ContainerRecovery recovery, string target, UnpackOptions options, CancellationToken cancellationToken)
    {
        FoundFile[] files = [.. recovery.Files.Where(static file => file.IsComplete || file.SoundLength > 0)];
        if (files.Length == 0)
        {
            return [];
        }

        if (recovery.Content == ContainerContent.File)
        {
            string path = files[0].IsComplete ? target : target + Extension;
            using var sink = new PathSink(path, options.Overwrite, options.FlushToDisk);
            sink.Begin(ContainerContent.File);
            Write(recovery, files[0], files[0].Start, sink, cancellationToken);
            sink.Commit(cancellationToken);
            return [path];
        }

        var taken = recovery.Files.Select(static file => file.Start.Path).ToHashSet(StringComparer.Ordinal);
        var written = new List<string>();
        using var folder = new PathSink(target, options.Overwrite, options.FlushToDisk);
        folder.Begin(ContainerContent.Folder);
        foreach (FoundFile file in files)
        {
            FileStart start = file.Start.Clone();
            while (!file.IsComplete && (start.Path == file.Start.Path || taken.Contains(start.Path)))
            {
                start.Path += Extension;
            }

            Write(recovery, file, start, folder, cancellationToken);
            written.Add(start.Path);
        }

        AddEntries(recovery, folder);
        folder.Commit(cancellationToken);
        return written;
    }

    /// <summary>Adds folders, and the links if they are as they must be: without an index nobody has checked them together.</summary>
    private static void AddEntries(ContainerRecovery recovery, PathSink folder)
    {
        bool isSound = EntryTree.FindFault([.. recovery.Files.Select(static file => file.Start), .. recovery.Entries]) is null;
        foreach (FileStart entry in recovery.Entries)
        {
            if (isSound || (EntryKind)entry.Kind == EntryKind.Folder)
            {
                folder.AddEntry(entry, isSelected: true);
            }
        }
    }

    private static void Write(ContainerRecovery recovery, FoundFile file, FileStart start, PathSink sink, CancellationToken cancellationToken)
    {
        ContainerRecovery.BlockRestorer restorer = recovery.CreateRestorer();
        sink.BeginFile(start);
        long position = 0;
        foreach (FoundBlock block in file.Blocks.Where(static block => block is { Fault: null, Start: >= 0 }).OrderBy(static block => block.Start))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (block.Start < position)
            {
                continue;
            }

            while (position < block.Start)
            {
                int zeros = (int)Math.Min(Zeros.Length, block.Start - position);
                sink.Write(Zeros.AsSpan(0, zeros));
                position += zeros;
            }

            sink.Write(restorer.Restore(block));
            position += block.Length;
        }

        sink.EndFile(file.End ?? new FileEnd());
    }
}
