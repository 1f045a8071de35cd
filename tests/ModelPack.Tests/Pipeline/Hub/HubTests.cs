using System.Text;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Hub;

/// <summary>Folders that came from a model hub, and the hashes that came with them.</summary>
public sealed class HubTests
{
    private static readonly byte[] Weights = SmallModels.Safetensors(("w", "BF16", [400, 1024], SmallModels.BFloat16Weights(400 * 1024, 1)));
    private static readonly byte[] Config = "{\"a\": 1}\n"u8.ToArray();

    [Fact]
    public void The_git_hash_of_a_known_text_is_that_of_git() =>
        Assert.Equal("ce013625030ba8dba906f756967f9e9ca394464a", HubLayouts.GitBlobSha1("hello\n"u8.ToArray())); // git hash-object

    [UnixFact]
    public void Links_of_a_snapshot_are_packed_as_content_and_compared()
    {
        using var folder = new TemporaryFolder();
        string snapshot = Path.Combine(MakeCache(folder), "snapshots", HubLayouts.Revision);
        Tree.MakeExecutable(Path.Combine(snapshot, "../../blobs", HubLayouts.Sha256(Weights)));
        foreach (int threads in new[] { 1, 3 })
        {
            PackResult result = ModelPacker.Pack(snapshot, folder["m.mpk"], new PackOptions { Overwrite = true, Sha256 = true, Threads = threads });
            Assert.Equal(
                [new HubHash(HubHashAlgorithm.GitBlobSha1, HubLayouts.GitBlobSha1(Config), true), new HubHash(HubHashAlgorithm.Sha256, HubLayouts.Sha256(Weights), true)],
                result.Files.Select(static file => file.Hub));
            Assert.Equal([HubLayouts.Sha256(Config), HubLayouts.Sha256(Weights)], result.Files.Select(static file => file.Sha256));
            Assert.Empty(result.Warnings);
        }

        Assert.Empty(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = snapshot }).Differences);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        Assert.Equal(Weights, File.ReadAllBytes(folder["back/onnx/model.safetensors"]));
        Assert.Null(new FileInfo(folder["back/config.json"]).LinkTarget);
        Assert.Contains(Tree.Describe(folder["back"]), static line => line.StartsWith("onnx/model.safetensors file ", StringComparison.Ordinal) && line.Contains(" x ", StringComparison.Ordinal));

        // A folder inside a snapshot, the folder of all snapshots, and a single file.
        Assert.True(Assert.Single(ModelPacker.Pack(Path.Combine(snapshot, "onnx"), folder["sub.mpk"]).Files).Hub?.IsEqual);
        Assert.Equal(2, ModelPacker.Pack(Path.GetDirectoryName(snapshot)!, folder["all.mpk"]).Files.Count);
        FileSummary single = Assert.Single(ModelPacker.Pack(Path.Combine(snapshot, "onnx/model.safetensors"), folder["one.mpk"]).Files);
        Assert.Equal("model.safetensors", single.Path);
        Assert.True(single.Hub?.IsEqual);
        Assert.Null(single.Sha256);
    }

    [UnixFact]
    public void A_cache_reached_by_links_is_known_too()
    {
        using var folder = new TemporaryFolder();
        MakeCache(folder);
        Directory.CreateSymbolicLink(folder["elsewhere"], folder["hub"]);
        PackResult result = ModelPacker.Pack(folder[$"elsewhere/models--org--name/snapshots/{HubLayouts.Revision}"], folder["m.mpk"]);
        Assert.Equal(2, result.Files.Count(static file => file.Hub is { IsEqual: true }));
    }

    [UnixFact]
    public void The_repository_of_a_cache_keeps_its_links()
    {
        using var folder = new TemporaryFolder();
        string repository = MakeCache(folder);
        PackResult result = ModelPacker.Pack(repository, folder["m.mpk"]);
        Assert.Equal(2, result.Files.Count(static file => file.Hub is { IsEqual: true }));
        Assert.Equal(3, result.Files.Count);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        Assert.Equal(Tree.Describe(repository), Tree.Describe(folder["back"]));
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);
        Assert.Equal(2, model.Links.Count);
    }

    [UnixFact]
    public void A_blob_that_is_not_what_its_name_says_is_refused()
    {
        foreach ((byte[] damaged, bool large) in new[] { (Weights, true), (Config, false) })
        {
            using var folder = new TemporaryFolder();
            string repository = MakeCache(folder);
            string blob = Path.Combine(repository, "blobs", large ? HubLayouts.Sha256(damaged) : HubLayouts.GitBlobSha1(damaged));
            byte[] bytes = [.. damaged];
            bytes[^3] ^= 4;
            File.WriteAllBytes(blob, bytes);
            string snapshot = Path.Combine(repository, "snapshots", HubLayouts.Revision);
            ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(snapshot, folder["m.mpk"]));
            Assert.Equal(ModelPackError.Corrupt, exception.Error);
            Assert.Equal(Path.Combine(snapshot, large ? "onnx/model.safetensors" : "config.json"), exception.FileName);
            Assert.Contains(large ? HubLayouts.Sha256(bytes) : HubLayouts.GitBlobSha1(bytes), exception.Reason, StringComparison.Ordinal);
            Assert.Throws<ModelPackException>(() => ModelPacker.Pack(repository, folder["m.mpk"]));
            Assert.False(File.Exists(folder["m.mpk"]));
            Assert.All(ModelPacker.Pack(snapshot, folder["m.mpk"], new PackOptions { ChecksHubHashes = false }).Files, static file => Assert.Null(file.Hub));
        }
    }

    [UnixFact]
    public void Links_of_a_snapshot_to_a_missing_blob_or_elsewhere_are_refused()
    {
        using var folder = new TemporaryFolder();
        string repository = MakeCache(folder);
        string snapshot = Path.Combine(repository, "snapshots", HubLayouts.Revision);
        folder.Write("secret", [1]);
        Directory.CreateSymbolicLink(Path.Combine(repository, "blobs/way"), folder.Path);
        foreach (string target in new[] { "../../blobs/missing", "../../refs/main", "../../../../secret", "../../blobs/way/secret", "../../blobs" })
        {
            File.CreateSymbolicLink(Path.Combine(snapshot, "link"), target);
            Assert.Equal(Path.Combine(snapshot, "link"), Assert.Throws<ModelPackException>(() => ModelPacker.Pack(snapshot, folder["m.mpk"])).FileName);
            File.Delete(Path.Combine(snapshot, "link"));
        }
    }

    [UnixFact]
    public void A_folder_that_only_looks_a_little_like_a_cache_is_none()
    {
        using var folder = new TemporaryFolder();
        folder.Write("project/blobs/x", [1]);
        folder.Write("project/snapshots/now/a", [1]);
        File.CreateSymbolicLink(folder["project/snapshots/now/link"], "../../blobs/x");
        Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["project/snapshots/now"], folder["m.mpk"]));
        Assert.Equal(2, ModelPacker.Pack(folder["project"], folder["m.mpk"]).Files.Count);
    }

    [Fact]
    public void A_download_is_compared_with_what_was_recorded()
    {
        using var folder = new TemporaryFolder();
        HubLayouts.AddDownload(folder, "config.json", Config, HubLayouts.GitBlobSha1(Config));
        HubLayouts.AddDownload(folder, "onnx/model.safetensors", Weights, HubLayouts.Sha256(Weights));
        HubLayouts.AddDownload(folder, "other-etag", [1], "W/abc");
        folder.Write("local/notes.txt", [1]);
        folder.Write("local/broken.txt", [1]);
        folder.Write("local/.cache/huggingface/download/broken.txt.metadata", "x"u8.ToArray());
        PackResult result = ModelPacker.Pack(folder["local"], folder["m.mpk"]);
        Assert.Equal(["config.json", "onnx/model.safetensors"], result.Files.Where(static file => file.Hub is { IsEqual: true }).Select(static file => file.Path));
        Assert.Equal(2, result.Files.Count(static file => file.Hub is not null));
        Assert.True(Assert.Single(ModelPacker.Pack(folder["local/onnx"], folder["sub.mpk"]).Files).Hub?.IsEqual);
        Assert.True(Assert.Single(ModelPacker.Pack(folder["local/config.json"], folder["one.mpk"]).Files).Hub?.IsEqual);
    }

    [Fact]
    public void A_download_that_was_damaged_is_refused_and_one_that_was_changed_since_is_told_of()
    {
        using var folder = new TemporaryFolder();
        byte[] other = Encoding.UTF8.GetBytes("{\"a\": 2}\n");
        HubLayouts.AddDownload(folder, "config.json", other, HubLayouts.GitBlobSha1(Config));
        Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["local"], folder["m.mpk"])).Error);

        HubLayouts.AddDownload(folder, "config.json", other, HubLayouts.GitBlobSha1(Config), downloaded: -60);
        PackResult result = ModelPacker.Pack(folder["local"], folder["m.mpk"]);
        ModelPackWarning warning = Assert.Single(result.Warnings);
        Assert.Equal(folder["local/config.json"], warning.File);
        Assert.Contains(HubLayouts.GitBlobSha1(other), warning.Reason, StringComparison.Ordinal);
        Assert.False(result.Files.Single(static file => file.Path == "config.json").Hub?.IsEqual);
        Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["local"], folder["m2.mpk"], new PackOptions { Strict = true }));
    }

    private static string MakeCache(TemporaryFolder folder) => HubLayouts.Cache(
        folder, ("config.json", Config, HubLayouts.GitBlobSha1(Config)), ("onnx/model.safetensors", Weights, HubLayouts.Sha256(Weights)));
}
