using System.Text.RegularExpressions;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.PublicApi;

/// <summary>The README shows code that is compiled and run: parts of the sample, word for word.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void The_readme_shows_the_sample()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n");
        string sample = File.ReadAllText(Repository.PathOf("tools/samples/ReadPackedModel/Program.cs")).ReplaceLineEndings("\n");
        MatchCollection parts = Parts().Matches(sample);
        Assert.Equal(["pack", "tensors", "stream"], parts.Select(static part => part.Groups["name"].Value));
        Assert.All(parts, part =>
        {
            IEnumerable<string> lines = part.Groups["code"].Value.Split('\n').Select(static line => line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line);
            Assert.Contains("```csharp\n" + string.Join('\n', lines) + "```\n", readme, StringComparison.Ordinal);
        });
    }

    [GeneratedRegex(@"    // README: (?<name>\w+)\n(?<code>.*?)    // README: end\n", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
