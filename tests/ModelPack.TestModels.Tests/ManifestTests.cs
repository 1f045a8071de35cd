using System.Text.RegularExpressions;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests;

public sealed partial class ManifestTests
{
    private static readonly string ManifestPath = Path.Combine(Repository.TestModels, Manifest.FileName);
    private static readonly Manifest Committed = Manifest.Load(ManifestPath);

    private static IPinnedFile[] Pinned => [.. Committed.Fetched, .. Committed.Derived, .. Committed.Generated];

    [Fact]
    public void Names_are_unique()
    {
        Assert.NotEmpty(Committed.Fetched);
        Assert.NotEmpty(Committed.Derived);
        Assert.NotEmpty(Committed.Generated);
        Assert.Equal(Pinned.Length, Pinned.Select(file => file.File).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Digests_and_sizes_are_well_formed() => Assert.All(Pinned, file =>
    {
        Assert.Matches(Sha256(), file.Sha256);
        Assert.True(file.Bytes > 0);
    });

    [Fact]
    public void Files_stay_in_their_folder() => Assert.All(Pinned, file =>
    {
        Assert.DoesNotContain("..", file.File, StringComparison.Ordinal);
        Assert.False(Path.IsPathRooted(file.File));
    });

    [Fact]
    public void Every_fetched_model_says_where_it_lies_and_what_its_licence_is() => Assert.All(Committed.Fetched, model =>
    {
        Assert.True(model.Path is null ^ model.Chunks is null);
        Assert.Matches(Version(), model.Version);
        Assert.All(new[] { model.Package, model.License, model.Source, model.About }, text => Assert.NotEmpty(text));
    });

    [Fact]
    public void Every_derived_model_comes_from_a_fetched_one() =>
        Assert.Subset(Committed.Fetched.Select(model => model.File).ToHashSet(), Committed.Derived.Select(model => model.From).ToHashSet());

    [Fact]
    public void The_README_names_every_file()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.TestModels, "README.md"));
        Assert.All(Pinned, file => Assert.Contains(Path.GetFileName(file.File), readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Saving_it_again_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Committed.Save(folder.PathOf(Manifest.FileName));
        Assert.Equal(File.ReadAllText(ManifestPath), File.ReadAllText(folder.PathOf(Manifest.FileName)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"fetched\":[],\"derived\":[],\"generated\":[],\"corpora\":[],\"more\":[]}")]
    [InlineData("{")]
    public void What_is_no_manifest_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("m.json"), json);
        Assert.Throws<InvalidDataException>(() => Manifest.Load(folder.PathOf("m.json")));
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^\d+\.\d+\.\d+$")]
    private static partial Regex Version();
}
