using ModelPack.Tests.Support;
using PublicApiGenerator;

namespace ModelPack.Tests.PublicApi;

/// <summary>What the library offers is what was approved: nothing is added, changed or lost by accident.</summary>
public sealed class PublicApiTests
{
    private const string Approved = "tests/ModelPack.Tests/PublicApi/ModelPack.approved.txt";

    /// <summary>With MODELPACK_APPROVE=1 the test writes the text instead of comparing it; look at the difference before committing.</summary>
    [Fact]
    public void The_public_api_is_the_approved_one()
    {
        string actual = typeof(PackedModel).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").Trim() + "\n";
        string path = Repository.PathOf(Approved);
        if (Environment.GetEnvironmentVariable("MODELPACK_APPROVE") == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] expected = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        string[] lines = actual.Split('\n');
        string[] added = [.. lines.Except(expected)];
        string[] lost = [.. expected.Except(lines)];
        Assert.True(added.Length + lost.Length == 0, $"the public API is not the one in {Approved}; approve it with MODELPACK_APPROVE=1\n+ {string.Join("\n+ ", added)}\n- {string.Join("\n- ", lost)}");
        Assert.Equal(expected, lines);
    }
}
