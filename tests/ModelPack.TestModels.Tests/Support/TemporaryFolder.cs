namespace ModelPack.TestModels.Tests.Support;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("modelpack-tests-");

    public string FullName => _folder.FullName;

    public string PathOf(string name) => Path.Combine(FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
