namespace ModelPack.TestModels.Tests.Support;

/// <summary>A test over a model that tools/fetch-models.sh fetches; a reported skip while it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealModelFactAttribute : FactAttribute
{
    public RealModelFactAttribute(string file)
    {
        File = file;
        if (!System.IO.File.Exists(PathOf(file)))
        {
            Skip = $"{file} is absent from testmodels/fetched; tools/fetch-models.sh fetches it";
        }
    }

    public string File { get; }

    public static string PathOf(string file) => Path.Combine(Repository.TestModels, "fetched", file);
}
