using ModelPack.Pipeline.Folders;

namespace ModelPack.Pipeline;

/// <summary>A folder that appears under its name only when it is complete; the counterpart of <see cref="AtomicFile"/>.</summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private bool _committed;

    private AtomicFolder(string target, string temporary, NameRules rules)
    {
        _target = target;
        _temporary = temporary;
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
        return new AtomicFolder(path, temporary, rules ?? NameRules.Current);
    }

    /// <summary>What goes into the folder.</summary>
    public TreeBuilder Tree { get; }

    /// <inheritdoc cref="TreeBuilder.CreateFile"/>
    public FileStream CreateFile(string path) => Tree.CreateFile(path);

    /// <summary>Makes the folder visible under its name; an existing one is moved aside first and then deleted.</summary>
    public void Commit(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Tree.Finish();
        string? aside = null;
        if (Directory.Exists(_target))
        {
            aside = AtomicFile.TemporaryName(_target);
            Directory.Move(_target, aside);
        }

        try
        {
            Directory.Move(_temporary, _target);
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
