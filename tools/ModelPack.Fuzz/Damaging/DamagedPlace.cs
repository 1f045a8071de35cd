namespace ModelPack.Fuzz.Damaging;

/// <summary>Where damaged files are read from: memory, or a temporary folder where a container has several.</summary>
internal sealed class DamagedPlace : IDisposable
{
    private readonly string? _folder;
    private byte[] _container = [];

    public DamagedPlace(DamageSubject subject)
    {
        _folder = subject.IsInParts ? Directory.CreateTempSubdirectory("modelpack-damage-").FullName : null;
        for (int file = 0; file < subject.Files.Count; file++)
        {
            Put(file, subject.Files[file]);
        }
    }

    private string List => Path.Combine(_folder!, "c.mpk");

    public void Put(int file, byte[] bytes)
    {
        if (_folder is null)
        {
            _container = bytes;
        }
        else
        {
            File.WriteAllBytes(DamageSubject.FileName(List, file), bytes);
        }
    }

    /// <inheritdoc cref="RestoredFiles.Stream(byte[])"/>
    public ulong Stream() => _folder is null ? RestoredFiles.Stream(_container) : RestoredFiles.Stream(List);

    /// <inheritdoc cref="RestoredFiles.Open(byte[])"/>
    public ulong Open() => _folder is null ? RestoredFiles.Open(_container) : RestoredFiles.Open(List);

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
