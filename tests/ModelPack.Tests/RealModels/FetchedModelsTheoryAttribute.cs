using ModelPack.Tests.Support;

namespace ModelPack.Tests.RealModels;

/// <summary>A theory over models that tools/fetch-models.sh fetches; a reported skip while they are absent.</summary>
internal sealed class FetchedModelsTheoryAttribute : TheoryAttribute
{
    public FetchedModelsTheoryAttribute()
    {
        string[] absent = [.. FetchedModels.Files.Where(static file => !File.Exists(FetchedModels.PathOf(file)))];
        if (absent.Length > 0)
        {
            Skip = $"{absent.Length} models are absent from testmodels/fetched, such as {absent[0]}; tools/fetch-models.sh fetches them";
        }
    }
}

/// <summary>The real models of the manifest.</summary>
internal static class FetchedModels
{
    public static readonly string[] Files = [.. Repository.Models("fetched").Concat(Repository.Models("derived")).Select(static model => model.File)];

    public static string PathOf(string file) => Repository.PathOf(Path.Combine("testmodels/fetched", file));
}
