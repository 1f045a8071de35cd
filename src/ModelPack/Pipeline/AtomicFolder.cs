using ModelPack.Pipeline.Folders;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>A folder that appears under its name only when it is complete; the counterpart of <see cref="AtomicFile"/>.</summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private readonly bool _overwrite;
    private bool _committed;

    private AtomicFolder(string target, string temporary, bool overwrite, NameRules rules)
    {
        _target = target;
        _temporary = temporary;
        _overwrite = overwrite;
        Tree = new TreeBuilder(temporary, rules);
    }

    /// <param name="target">Path of the folder.</param>
    /// <param name="overwrite">Whether it may replace another.</param>
    /// <param name="rules">Rules for names; those of this system if null.</param>
    /// <exception cref="ModelPackException">The target exists and may not be replaced, or is a file.</exception>
    public static AtomicFolder Create(string target, bool overwrite, NameRules? rules = null)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (File.Exists(path))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a file, a folder was to be written there", target);
        }

        if (!overwrite && Directory.Exists(path))
        {
            throw AtomicFile.ExistsAlready(target);
        }

        string temporary = AtomicFile.TemporaryName(path);
        if (!Directory.Exists(Path.GetDirectoryName(temporary)))
        {
            throw new DirectoryNotFoundException($"{target}: the folder it was to be written in does not exist");
        }

        Directory.CreateDirectory(temporary);
        return new AtomicFolder(path, temporary, overwrite, rules ?? NameRules.Current);
    }

    /// <summary>What goes into the folder.</summary>
    public TreeBuilder Tree { get; }

    /// <inheritdoc cref="TreeBuilder.CreateFile"/>
    public WrittenFile CreateFile(string path) => Tree.CreateFile(path);

    /// <summary>Makes the folder visible under its name; an existing one changes places with it and is then deleted.</summary>
    public void Commit(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Tree.Finish();
        if (_overwrite && Renaming.TryExchange(_temporary, _target))
        {
            // What is disposed now is the old one.
            return;
        }

        string? aside = null;
        if (_overwrite && Directory.Exists(_target))
        {
            aside = AtomicFile.TemporaryName(_target);
            Directory.Move(_target, aside);
        }

        try
        {
            Renaming.MoveFolder(_temporary, _target);
        }
        catch (IOException) when (aside is null && Directory.Exists(_target))
        {
            // Somebody else made it since Create looked.
            throw AtomicFile.ExistsAlready(_target);
        }
        catch when (aside is not null)
        {
            Directory.Move(aside, _target);
            throw;
        }

        _committed = true;
        if (aside is not null)
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    public void Dispose()
    {
        if (!_committed && Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
