using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Tests.Container;

/// <summary>FORMAT.md, "Entries".</summary>
public sealed class EntryTests
{
    private const ContainerFeatures Tree = ContainerFeatures.Tree;

    [Fact]
    public void Each_kind_has_its_own_fields()
    {
        FileStart[] sound =
        [
            new() { Path = "a", Length = 5, Format = 1, HasSha256 = true, IsExecutable = true, Modified = -1 },
            new() { Path = "a/b", Kind = 1, Modified = long.MaxValue },
            new() { Path = "", Kind = 1 },
            new() { Path = "a", Kind = 2, LinkTarget = "../a" },
            new() { Path = "a", Kind = 2, LinkTarget = "b//./c/" },
        ];
        Assert.All(sound, static start => Assert.Null(EntryRules.FindFault(start, ContainerContent.Folder, Tree)));
        FileStart[] faulty =
        [
            new() { Path = "a", Kind = 3 },
            new() { Path = "a", LinkTarget = "b" },
            new() { Path = "" },
            new() { Path = "a", Kind = 1, Length = 1 },
            new() { Path = "a", Kind = 1, IsExecutable = true },
            new() { Path = "a", Kind = 1, LinkTarget = "b" },
            new() { Path = "../a", Kind = 1 },
            new() { Path = "", Kind = 2, LinkTarget = "b" },
            new() { Path = "a", Kind = 2 },
            new() { Path = "a", Kind = 2, LinkTarget = "/b" },
            new() { Path = "a", Kind = 2, LinkTarget = "b\0" },
            new() { Path = "a", Kind = 2, LinkTarget = "b", HasSha256 = true },
            new() { Path = "a", Kind = 2, LinkTarget = "b", Format = 1 },
            new() { Path = "a", Kind = 2, LinkTarget = "b", Modified = 0 },
            new() { Path = "a", Kind = 2, LinkTarget = new string('x', 4096) },
            new() { Path = new string('x', 4096), Kind = 2, LinkTarget = "b" },
        ];
        Assert.All(faulty, static start => Assert.NotNull(EntryRules.FindFault(start, ContainerContent.Folder, Tree)));
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    public void Folders_and_links_need_a_folder_container_and_its_feature(uint kind)
    {
        var start = new FileStart { Path = "a", Kind = kind, LinkTarget = kind == 2 ? "b" : "" };
        Assert.Null(EntryRules.FindFault(start, ContainerContent.Folder, Tree));
        Assert.NotNull(EntryRules.FindFault(start, ContainerContent.Folder, ContainerFeatures.Repeats | ContainerFeatures.Base));
        Assert.NotNull(EntryRules.FindFault(start, ContainerContent.File, Tree));
    }

    [Theory]
    [InlineData(null, "l>a", "d/", "d/l>../a", "d/e/l>../../d/../x")]
    [InlineData(null, "l>d", "d/", "m>l/e/../..", "d/e/")] // l/e is d/e: two up is the folder itself
    [InlineData(null, "l>.", "m>l/l/l/l")]
    [InlineData(null, "l>missing/deep")]
    [InlineData("outside", "l>..")]
    [InlineData("outside", "d/l>../../x")]
    [InlineData("outside", "d/e/s>../..", "l>d/e/s/..")] // by its letters this is d/e
    [InlineData("outside", "a/b/l>../../d", "m>a/b/l/../..", "d/")]
    [InlineData("back to itself", "l>l")]
    [InlineData("back to itself", "a>b", "b>c", "c>a/x")]
    [InlineData("no folder", "a", "a/b")]
    [InlineData("no folder", "a>d", "a/b", "d/")]
    [InlineData("no folder", "a>d", "a/b/", "d/", "a-")]
    [InlineData(null, "a/", "a/b", "a-", "a.b")]
    public void Entries_have_their_places_and_links_end_inside(string? fault, params string[] entries)
    {
        FileStart[] starts = [.. entries.Select(static entry => entry.Split('>') switch
        {
            [{ } path, { } target] => new FileStart { Path = path, Kind = 2, LinkTarget = target },
            _ => new FileStart { Path = entry.TrimEnd('/'), Kind = entry.EndsWith('/') ? 1u : 0 },
        })];
        foreach (FileStart[] order in new[] { starts, [.. starts.Reverse()] })
        {
            string? found = EntryTree.FindFault(order);
            if (fault is null)
            {
                Assert.Null(found);
            }
            else
            {
                Assert.Contains(fault, found, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_way_of_a_link_is_bounded()
    {
        static FileStart[] Chain(int length) =>
            [.. Enumerable.Range(0, length).Select(static i => new FileStart { Path = $"l{i}", Kind = 2, LinkTarget = $"l{i + 1}" })];
        Assert.Null(EntryTree.FindFault(Chain(40)));
        Assert.NotNull(EntryTree.FindFault(Chain(41)));

        static FileStart[] Deep(int parts) => [new() { Path = "l", Kind = 2, LinkTarget = string.Join('/', Enumerable.Repeat("d", parts)) }];
        Assert.Null(EntryTree.FindFault(Deep(255)));
        Assert.NotNull(EntryTree.FindFault(Deep(256)));
        Assert.NotNull(EntryTree.FindFault([.. Enumerable.Range(0, 65_537).Select(static i => new FileStart { Path = $"l{i}", Kind = 2, LinkTarget = "x" })]));
    }
}
