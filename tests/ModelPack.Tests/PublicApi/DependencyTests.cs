using System.Text.RegularExpressions;
using System.Xml.Linq;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.PublicApi;

/// <summary>Every package is locked, and stands in the README with its licence and what it is for.</summary>
public sealed partial class DependencyTests
{
    private static readonly string[] Central =
        [.. XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion").Select(static package => package.Attribute("Include")!.Value)];

    [Fact]
    public void The_readme_lists_all_packages()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n");
        Match[] rows = [.. Rows().Matches(readme[readme.IndexOf("### Dependencies", StringComparison.Ordinal)..]).Cast<Match>()];
        Assert.Equal([.. Central, "Microsoft.NET.ILLink.Tasks"], rows.Select(static row => row.Groups["name"].Value), Comparer);
        Assert.All(rows, static row => Assert.Matches("^(MIT|BSD-3-Clause|Apache-2.0)$", row.Groups["licence"].Value));
    }

    [Fact]
    public void Every_project_has_a_lock_file()
    {
        string[] projects = [.. Projects().Matches(File.ReadAllText(Repository.PathOf("ModelPack.sln"))).Cast<Match>().Select(static match => match.Value.Replace('\\', '/'))];
        Assert.True(projects.Length > 10, $"{projects.Length} projects");
        Assert.All(projects, static project => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(Repository.PathOf(project))!, "packages.lock.json")), project));
    }

    private static IEqualityComparer<IEnumerable<string>> Comparer { get; } =
        EqualityComparer<IEnumerable<string>>.Create(static (a, b) => a!.Order(StringComparer.Ordinal).SequenceEqual(b!.Order(StringComparer.Ordinal)), static names => names.Count());

    [GeneratedRegex(@"^\| (?<name>[A-Za-z0-9]+(\.[A-Za-z0-9]+)*) \| (?<licence>(?!licence)[^|]+?) \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Rows();

    [GeneratedRegex(@"[^""]+\.csproj")]
    private static partial Regex Projects();
}
