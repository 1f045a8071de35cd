namespace ModelPack.TestModels.Tests.Support;

/// <summary>Finds the checkout that the tests were built in.</summary>
internal static class Repository
{
    public static string TestModels { get; } = Path.Combine(Root(), "testmodels");

    private static string Root()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ModelPack.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"no ModelPack.sln above {AppContext.BaseDirectory}");
    }
}
