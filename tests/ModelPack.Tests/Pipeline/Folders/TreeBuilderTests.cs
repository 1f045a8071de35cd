using ModelPack.Pipeline.Folders;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Folders;

/// <summary>Whatever a container names, nothing is made outside its folder, through a link, or in the place of something else.</summary>
public sealed class TreeBuilderTests
{
    [Theory]
    [InlineData("/etc/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a//x")]
    [InlineData("a/./x")]
    [InlineData("")]
    [InlineData("a\0")]
    public void Paths_that_are_not_plain_are_refused(string path)
    {
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Unix);
        Assert.Throws<ModelPackException>(() => tree.CreateFile(path));
        Assert.Throws<ModelPackException>(() => tree.AddLink(path, "y"));
        Assert.Equal(["root"], folder.Names());
    }

    [Theory]
    [InlineData(@"a\..\..\x")]
    [InlineData("C:/x")]
    [InlineData("a/aux.txt")]
    [InlineData("a/b. /x")]
    public void Windows_paths_are_refused_where_they_mean_something_else(string path)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ModelPackException>(() => Make(folder, NameRules.Windows).CreateFile(path));
        Assert.Throws<ModelPackException>(() => Make(folder, NameRules.Windows).AddFolder(path, null, isWanted: true));
        Assert.Throws<ModelPackException>(() => Make(folder, NameRules.Windows).AddLink("link", path));
        Assert.Equal(["root"], folder.Names());
    }

    [Fact]
    public void Paths_that_differ_only_in_case_are_refused_where_case_does_not_count()
    {
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Windows);
        tree.CreateFile("Config/a.json").Dispose();
        tree.CreateFile("Config/b.json").Dispose();
        Assert.Contains("'Config/a.json'", Assert.Throws<ModelPackException>(() => tree.CreateFile("Config/A.json")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelPackException>(() => tree.CreateFile("config/c.json"));
        Assert.Throws<ModelPackException>(() => tree.AddFolder("CONFIG", null, isWanted: true));
        Assert.Throws<ModelPackException>(() => tree.AddLink("CONFIG", "Config"));
    }

    [UnixFact]
    public void Case_counts_where_it_does()
    {
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Unix);
        tree.CreateFile("a").Dispose();
        tree.CreateFile("A").Dispose();
        Assert.Equal(["root", "root/A", "root/a"], folder.Names());
    }

    [UnixFact]
    public void What_the_file_system_takes_for_the_same_is_refused_whatever_the_rules_say()
    {
        // Something that the builder has not made stands for a name that the file system folds.
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Unix);
        folder.Write("root/file", [1]);
        Directory.CreateSymbolicLink(folder["root/way-out"], folder.Path);
        Assert.Throws<ModelPackException>(() => tree.CreateFile("file"));
        Assert.Throws<ModelPackException>(() => tree.CreateFile("way-out/x"));
        Assert.Throws<ModelPackException>(() => tree.AddFolder("way-out", 1, isWanted: true));
        Assert.Equal([1], File.ReadAllBytes(folder["root/file"]));
        Assert.Equal([folder["root"]], Directory.GetFileSystemEntries(folder.Path));
        Assert.Equal([folder["root/file"], folder["root/way-out"]], Directory.GetFileSystemEntries(folder["root"]).Order(StringComparer.Ordinal));
    }

    [UnixFact]
    public void Nothing_goes_through_a_link_of_the_same_container()
    {
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Unix);
        tree.AddLink("d", ".");
        Assert.Throws<ModelPackException>(() => tree.CreateFile("d/x"));
        Assert.Throws<ModelPackException>(() => tree.AddLink("d/y", "x"));
        Assert.Throws<ModelPackException>(() => tree.CreateFile("d"));
        tree.CreateFile("e/x").Dispose();
        Assert.Throws<ModelPackException>(() => tree.AddLink("e", "."));
    }

    [UnixFact]
    public void A_link_that_leads_out_is_not_made_also_by_way_of_others()
    {
        foreach ((string Path, string Target)[] links in new (string, string)[][]
        {
            [("l", "../x")],
            [("l", "/etc")],
            [("d/l", "../../x")],
            [("a/b/up", "../.."), ("l", "a/b/up/..")],
            [("l", "a/b/up/.."), ("a/b/up", "../..")],
            [("l", "m"), ("m", "l")],
        })
        {
            using var folder = new TemporaryFolder();
            TreeBuilder tree = Make(folder, NameRules.Unix);
            Array.ForEach(links, link => tree.AddLink(link.Path, link.Target));
            Assert.Throws<ModelPackException>(tree.Finish);
            Assert.DoesNotContain(folder.Names(), name => new FileInfo(folder[name]).LinkTarget is not null);
        }
    }

    [UnixFact]
    public void Links_are_made_last_and_times_after_them()
    {
        using var folder = new TemporaryFolder();
        TreeBuilder tree = Make(folder, NameRules.Unix);
        tree.AddFolder("", 5_000_000_000, isWanted: true);
        tree.AddFolder("empty/deep", 6_000_000_000, isWanted: true);
        tree.AddFolder("not/there", 6_000_000_000, isWanted: false);
        tree.AddLink("empty/l", "deep");
        tree.CreateFile("f").Dispose();
        Assert.False(Path.Exists(folder["root/empty/l"]));
        tree.AddFolder("empty", -1, isWanted: false);
        tree.Finish();
        Assert.Equal(["root", "root/empty", "root/empty/deep", "root/empty/l", "root/f"], folder.Names());
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(5), Directory.GetLastWriteTimeUtc(folder["root"]));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(6), Directory.GetLastWriteTimeUtc(folder["root/empty/deep"]));
        Assert.Equal("-0.000000001", Tree.Run("stat", "-c", "%.9Y", folder["root/empty"]));
        Assert.Equal("deep", new FileInfo(folder["root/empty/l"]).LinkTarget);
    }

    private static TreeBuilder Make(TemporaryFolder folder, NameRules rules) => new(Directory.CreateDirectory(folder["root"]).FullName, rules);
}
