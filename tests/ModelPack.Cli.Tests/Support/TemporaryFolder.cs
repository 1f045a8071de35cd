namespace ModelPack.Cli.Tests.Support;

/// <summary>A new empty folder that is removed at the end of a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("modelpack-cli-tests-").FullName;

    /// <summary>The names of all files and folders in it, hidden ones too, in order.</summary>
    public string[] Names => [.. Directory.GetFileSystemEntries(Path).Select(static entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];

    /// <summary>The full path of an entry.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
    }

    public byte[] Read(string name) => File.ReadAllBytes(this[name]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
