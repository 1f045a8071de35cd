namespace ModelPack.Pipeline;

/// <summary>A folder that appears under its name only when it is complete; the counterpart of <see cref="AtomicFile"/>.</summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private bool _committed;

    private AtomicFolder(string target, string temporary)
    {
        _target = target;
        _temporary = temporary;
    }

    /// <exception cref="ModelPackException">The target exists and may not be replaced, or is a file.</exception>
    public static AtomicFolder Create(string target, bool overwrite)
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
        return new AtomicFolder(path, temporary);
    }

    /// <summary>Creates a file inside the folder.</summary>
    /// <param name="path">A path of the container, with <c>/</c> between its parts.</param>
    /// <exception cref="ModelPackException">The path would leave the folder or cannot be a name on this system.</exception>
    public FileStream CreateFile(string path)
    {
        foreach (string part in path.Split('/'))
        {
            if (FindNameFault(part) is { } fault)
            {
                throw new ModelPackException(ModelPackError.Unsupported, $"the path '{path}' {fault}");
            }
        }

        string full = Path.GetFullPath(Path.Combine(_temporary, path));
        if (!full.StartsWith(_temporary + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the path '{path}' leaves the folder");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return new FileStream(full, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 });
    }

    /// <summary>Makes the folder visible under its name; an existing one is moved aside first and then deleted.</summary>
    public void Commit(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
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

    private static string? FindNameFault(string name)
    {
        if (name is "" or "." or "..")
        {
            return "is not a plain relative path";
        }

        // On Windows also the separators, drives and streams (':'), and what else its file systems refuse.
        return name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 ? "has a character that file names cannot have here" : null;
    }
}
