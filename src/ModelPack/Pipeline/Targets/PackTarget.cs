using ModelPack.Container.Parts;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Targets;

/// <summary>
/// Where a container goes that is packed to a path: a file or numbered parts, which appear when all is complete. What is
/// unfinished is removed, or kept for another process to go on with where that was asked for.
/// </summary>
internal sealed class PackTarget : IDisposable
{
    private readonly string _target;
    private readonly PackOptions _options;
    private readonly AtomicFile? _file;
    private readonly PartStore? _store;
    private readonly PackJournal? _journal;
    private bool _committed;

    private PackTarget(string target, PackOptions options)
    {
        _target = Path.GetFullPath(target);
        _options = options;
        if (options is { SplitLength: null, Resume: false })
        {
            _file = AtomicFile.Create(target, options.Overwrite, options.FlushToDisk);
            Stream = _file.Stream;
            return;
        }

        if (Directory.Exists(_target))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a folder, a file was to be written there", target);
        }

        if (!options.Overwrite && FindTaken() is { } taken)
        {
            throw AtomicFile.ExistsAlready(taken);
        }

        if (!Directory.Exists(Path.GetDirectoryName(_target)))
        {
            throw new DirectoryNotFoundException($"{target}: the folder it was to be written in does not exist");
        }

        _journal = options.Resume ? OpenJournal(target) : null;
        long partLength = options.SplitLength ?? long.MaxValue;
        _store = new PartStore(MakePaths(), partLength, identifies: options.SplitLength is not null, options.FlushToDisk);
        Stream = Earlier = new PackStream(_store, _journal);
    }

    /// <summary>Takes the container.</summary>
    public Stream Stream { get; }

    /// <summary>What an earlier process may have left; null where nobody asked to go on with it.</summary>
    public PackStream? Earlier { get; }

    /// <summary>Number of parts; 0 for a container that is one file.</summary>
    public int PartCount => _options.SplitLength is null ? 0 : _store!.Count;

    /// <exception cref="ModelPackException">The target exists and may not be replaced, or is a folder.</exception>
    /// <exception cref="IOException">The folder is missing or not writable, or another process packs to this target.</exception>
    public static PackTarget Create(string target, PackOptions options)
    {
        if (options.SplitLength is < PackOptions.LeastSplitLength)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"parts of {options.SplitLength} bytes were asked for, the least are {PackOptions.LeastSplitLength}", target);
        }

        return new PackTarget(target, options);
    }

    /// <summary>Makes the container visible under its name.</summary>
    public void Commit(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<string> old = _options.Overwrite ? FindOldParts() : [];
        if (_file is not null)
        {
            _file.Commit(cancellationToken);
            old.ForEach(File.Delete);
        }
        else if (_options.SplitLength is null)
        {
            _store!.Finish();
            Move(_store.PathOf(1), _target, _options.Overwrite);
            old.ForEach(File.Delete);
        }
        else
        {
            CommitParts(old);
        }

        _committed = true;
        _journal?.Delete();
        ResumeFiles.DeleteUnused(_target);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _store?.Dispose();
        if (_committed || _store is null)
        {
            return;
        }

        // Of no use when nothing but the header was written.
        if (_journal is null || _store.Position == 0)
        {
            _store.Delete();
            _journal?.Delete();
        }

        _journal?.Dispose();
    }

    private PackJournal OpenJournal(string target)
    {
        try
        {
            return new PackJournal(ResumeFiles.JournalOf(_target));
        }
        catch (IOException exception) when (exception is not DirectoryNotFoundException)
        {
            throw new IOException($"{target}: another process packs to it just now, or what it left cannot be opened: {exception.Message}", exception);
        }
    }

    private Func<int, string> MakePaths()
    {
        bool split = _options.SplitLength is not null;
        if (_options.Resume)
        {
            return number => split ? ResumeFiles.PartOf(_target, number) : ResumeFiles.ContainerOf(_target);
        }

        List<string> paths = [];
        return number =>
        {
            while (paths.Count < number)
            {
                paths.Add(AtomicFile.TemporaryName(PartNames.Of(_target, paths.Count + 1, digits: 3)));
            }

            return paths[number - 1];
        };
    }

    /// <summary>What stands in the way: the target, or a first part.</summary>
    private string? FindTaken() =>
        File.Exists(_target) ? _target
        : _options.SplitLength is not null && PartNames.FindDigits(_target) is > 0 and int digits ? PartNames.Of(_target, 1, digits)
        : null;

    /// <summary>The parts of a container that is to be replaced: those that its list names, or without one those that follow each other.</summary>
    private List<string> FindOldParts()
    {
        PartSet? listed = null;
        try
        {
            listed = File.Exists(_target) ? PartSet.Find(_target) : null;
        }
        catch (ModelPackException)
        {
            // A damaged list is replaced; it tells nothing of parts.
        }

        List<string> old = [.. listed?.ExistingFiles().Where(path => path != _target) ?? []];
        for (int digits = 3; digits <= 4 && _options.SplitLength is not null; digits++)
        {
            for (int number = 1; PartNames.Of(_target, number, digits) is var path && File.Exists(path); number++)
            {
                if (!old.Contains(path))
                {
                    old.Add(path);
                }
            }
        }

        return old;
    }

    /// <summary>Old files give way first, then the parts get their names, and the list last of all: with it the container is there.</summary>
    private void CommitParts(List<string> old)
    {
        _store!.Finish();
        var manifest = new PartManifest(Path.GetFileName(_target), _store.Position, _options.SplitLength!.Value, _store.Identities);
        using var list = AtomicFile.Create(_target, _options.Overwrite, _options.FlushToDisk);
        list.Stream.Write(manifest.ToBytes());
        var moves = new List<(string From, string To)>();
        var aside = new List<string>();

        // Without old parts it stays what it is until the list takes its place.
        if (_options.Overwrite && old.Count > 0 && File.Exists(_target))
        {
            old.Add(_target);
        }

        try
        {
            foreach (string path in old)
            {
                aside.Add(AtomicFile.TemporaryName(path));
                Move(path, aside[^1], overwrite: false);
                moves.Add((path, aside[^1]));
            }

            for (int number = 1; number <= _store.Count; number++)
            {
                string part = PartNames.Of(_target, number, manifest.Digits);
                Move(_store.PathOf(number), part, overwrite: false);
                moves.Add((_store.PathOf(number), part));
            }

            list.Commit(CancellationToken.None);
        }
        catch
        {
            for (int i = moves.Count - 1; i >= 0; i--)
            {
                Undo(moves[i].From, moves[i].To);
            }

            throw;
        }

        aside.ForEach(File.Delete);
    }

    /// <summary>Takes back a step, where possible: the trouble that ended the others may still be there, and is what is reported.</summary>
    private void Undo(string from, string to)
    {
        try
        {
            File.Move(to, from);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            bool isNewPart = Enumerable.Range(1, _store!.Count).Any(number => _store.PathOf(number) == from);
            if (isNewPart && _journal is null)
            {
                File.Delete(to);
            }
        }
    }

    private static void Move(string from, string to, bool overwrite)
    {
        try
        {
            Renaming.Move(from, to, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(to))
        {
            throw AtomicFile.ExistsAlready(to);
        }
    }
}
