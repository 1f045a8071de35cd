using System.Reflection;
using PublicApiGenerator;

namespace ModelPack.Tests.Support;

/// <summary>What a library offers is what was approved: nothing is added, changed or lost by accident.</summary>
internal static class ApprovedApi
{
    /// <summary>With MODELPACK_APPROVE=1 the text is written instead of compared; look at the difference before committing.</summary>
    /// <param name="library">A library that is published.</param>
    /// <param name="approved">The text, as a path from the repository's root.</param>
    public static void Check(Assembly library, string approved)
    {
        string actual = library.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").Trim() + "\n";
        string path = Repository.PathOf(approved);
        if (Environment.GetEnvironmentVariable("MODELPACK_APPROVE") == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] expected = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        string[] lines = actual.Split('\n');
        string[] added = [.. lines.Except(expected)];
        string[] lost = [.. expected.Except(lines)];
        Assert.True(added.Length + lost.Length == 0, $"the public API is not the one in {approved}; approve it with MODELPACK_APPROVE=1\n+ {string.Join("\n+ ", added)}\n- {string.Join("\n- ", lost)}");
        Assert.Equal(expected, lines);
    }
}
