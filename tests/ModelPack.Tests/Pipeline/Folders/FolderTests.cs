using System.Text;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Folders;

/// <summary>A folder comes back with its tree, names, links, execute bits and times.</summary>
public sealed class FolderTests
{
    private static readonly string[] OddNames = ["a b.txt", " lead", "trail ", "ü-模型-🤗.bin", "e\u0301 decomposed", "\u00E9 composed", "a\\b", "new\nline", "tab\t", "-dash", "#c", "'q\"", "dots..", "\uFFFD"];

    [Fact]
    public void Everything_comes_back_as_it_was()
    {
        using var folder = new TemporaryFolder();
        MakeModel(folder);
        ModelPacker.Pack(folder["model"], folder["model.mpk"]);
        ModelPacker.Unpack(folder["model.mpk"], folder["back"]);
        Assert.Equal(Tree.Describe(folder["model"]), Tree.Describe(folder["back"]));
        Assert.Empty(ModelPacker.Verify(folder["model.mpk"], new VerifyOptions { Against = folder["model"] }).Differences);

        using PackedModel model = PackedModel.Open(folder["model.mpk"]);
        Assert.Equal(["config.json", "run.sh", "sub/model.safetensors"], model.Files.Select(static file => file.Path));
        Assert.Equal(["", "empty", "nested", "nested/empty", "sub"], model.Folders.Select(static entry => entry.Path));
        Assert.Equal(OperatingSystem.IsWindows() ? [] : [new PackedLink("latest", "sub"), new PackedLink("sub/config", "../config.json")], model.Links);
        Assert.Equal(Tree.Time(1), model.Files[0].Modified?.UtcDateTime);
        Assert.Equal(!OperatingSystem.IsWindows(), model.Files[1].IsExecutable);
        Assert.Equal(Tree.Time(9), model.Folders[0].Modified?.UtcDateTime);
    }

    [Fact]
    public void Without_times_equal_content_gives_equal_bytes()
    {
        using var folder = new TemporaryFolder();
        MakeModel(folder);
        var options = new PackOptions { RecordsTimes = false, Overwrite = true };
        ModelPacker.Pack(folder["model"], folder["1.mpk"], options);
        Array.ForEach(["model/config.json", "model/empty", "model/sub", "model"], name => Tree.Touch(folder[name], 1000));
        ModelPacker.Pack(folder["model"], folder["2.mpk"], options);
        Assert.Equal(File.ReadAllBytes(folder["1.mpk"]), File.ReadAllBytes(folder["2.mpk"]));
        ModelPacker.Pack(folder["model"], folder["3.mpk"]);
        Assert.NotEqual(File.ReadAllBytes(folder["1.mpk"]), File.ReadAllBytes(folder["3.mpk"]));

        ModelPacker.Unpack(folder["1.mpk"], folder["back"]);
        Assert.Equal(Tree.Describe(folder["model"], times: false), Tree.Describe(folder["back"], times: false));
        using PackedModel model = PackedModel.Open(folder["1.mpk"]);
        Assert.Equal(["empty", "nested/empty"], model.Folders.Select(static entry => entry.Path));
        Assert.All(model.Files, static file => Assert.Null(file.Modified));
    }

    [Fact]
    public void A_single_file_keeps_time_and_execute_bit_and_memory_has_none()
    {
        using var folder = new TemporaryFolder();
        string source = folder.Write("run", "#!/bin/sh"u8.ToArray());
        Tree.MakeExecutable(source);
        Tree.Touch(source, 7);
        ModelPacker.Pack(source, folder["run.mpk"]);
        ModelPacker.Unpack(folder["run.mpk"], folder["back"]);
        Assert.Equal(Tree.Describe(source), Tree.Describe(folder["back"]));
        Assert.Equal(!OperatingSystem.IsWindows(), Tree.IsExecutable(folder["back"]));

        using var bytes = new MemoryStream();
        ModelPacker.Pack("#!/bin/sh"u8.ToArray(), "run", bytes);
        folder.Write("memory.mpk", bytes.ToArray());
        using PackedModel model = PackedModel.Open(folder["memory.mpk"]);
        Assert.Null(model.Files[0].Modified);
        Assert.False(model.Files[0].IsExecutable);
    }

    [UnixFact]
    public void Times_come_back_to_the_nanosecond()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/sub/x", [1]);
        Tree.Run("touch", "-d", "@1700000000.123456789", folder["model/sub/x"]);
        Tree.Run("touch", "-d", "@-1.000000001", folder["model/sub"]);
        Tree.Run("touch", "-d", "@4102444800.999999999", folder["model"]);
        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        foreach (string name in new[] { "", "/sub", "/sub/x" })
        {
            Assert.Equal(Tree.Run("stat", "-c", "%.9Y", folder["model"] + name), Tree.Run("stat", "-c", "%.9Y", folder["back"] + name));
        }
    }

    [UnixFact]
    public void Names_of_any_kind_are_kept_exactly()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in OddNames)
        {
            folder.Write($"model/{name}/{name}", Encoding.UTF8.GetBytes(name));
        }

        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        Assert.Equal(2 * OddNames.Length, Directory.GetFileSystemEntries(folder["back"], "*", SearchOption.AllDirectories).Length);
        Assert.Equal(Tree.Describe(folder["model"]), Tree.Describe(folder["back"]));
    }

    [UnixFact]
    public void Names_that_are_not_utf8_are_refused()
    {
        foreach (string make in new[]
        {
            @"touch ""$0/$(printf 'a\377b')""",
            @"mkdir ""$0/$(printf 'a\377b')""",
            @"touch ""$0/$(printf 'a\377b')"" ""$0/$(printf 'a\357\277\275b')""", // as the runtime reads the first, it is the second
            @"ln -s x ""$0/$(printf 'a\377b')""",
            @"ln -s ""$(printf 'a\377b')"" ""$0/link""",
        })
        {
            using var folder = new TemporaryFolder();
            folder.Write("model/x", []);
            Tree.Run("/bin/sh", "-c", make, folder["model"]);
            ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"]));
            Assert.Equal(ModelPackError.InvalidRequest, exception.Error);
            Assert.Matches("UTF-8|Unicode", exception.Reason);
            Assert.False(File.Exists(folder["m.mpk"]));
            Tree.Run("rm", "-r", folder["model"]);
        }
    }

    [Theory]
    [InlineData(0, "config.json|run.sh|sub/model.safetensors")]
    [InlineData(1, "sub/model.safetensors", "*.safetensors")]
    [InlineData(1, "config.json|run.sh", "c*", "run.??")]
    [InlineData(2, "config.json|run.sh", "sub/")]
    [InlineData(2, "run.sh|sub/model.safetensors", "**/config.*")]
    public void Patterns_select_files_when_packing_and_when_unpacking(int kind, string expected, params string[] patterns)
    {
        using var folder = new TemporaryFolder();
        MakeModel(folder);
        PathFilter? filter = kind switch { 1 => new PathFilter { Include = patterns }, 2 => new PathFilter { Exclude = patterns }, _ => null };
        ModelPacker.Pack(folder["model"], folder["some.mpk"], new PackOptions { Filter = filter });
        ModelPacker.Pack(folder["model"], folder["all.mpk"]);
        ModelPacker.Unpack(folder["some.mpk"], folder["packed"]);
        UnpackResult unpacked = ModelPacker.Unpack(folder["all.mpk"], folder["unpacked"], new UnpackOptions { Filter = filter });
        string[] files = expected.Split('|');
        Assert.Equal(files, unpacked.Files.Select(static file => file.Path));
        foreach (string back in new[] { folder["packed"], folder["unpacked"] })
        {
            Assert.Equal(files, Tree.Describe(back).Where(static line => line.Contains(" file ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[0]));
            Assert.Equal(Tree.Describe(folder["model"])[0], Tree.Describe(back)[0]);
        }

        Assert.Equal(Tree.Describe(folder["packed"]), Tree.Describe(folder["unpacked"]));
        Assert.Empty(ModelPacker.Verify(folder["all.mpk"], new VerifyOptions { Against = folder["model"], Filter = filter }).Differences);
        Assert.Empty(ModelPacker.Verify(folder["some.mpk"], new VerifyOptions { Against = folder["model"], Filter = filter }).Differences);
    }

    [Fact]
    public void What_selects_nothing_is_refused()
    {
        using var folder = new TemporaryFolder();
        MakeModel(folder);
        var nothing = new PathFilter { Include = ["*.onnx"] };
        Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"], new PackOptions { Filter = nothing }));
        Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model/config.json"], folder["m.mpk"], new PackOptions { Filter = nothing }));
        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["m.mpk"], folder["back"], new UnpackOptions { Filter = nothing }));
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["m.mpk"], folder["back"], new UnpackOptions { Files = ["config.json", "other"] }));
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["m.mpk"], folder["back"], new UnpackOptions { Files = ["config.json", "run.sh"], AsFile = true }));
        Assert.Equal(["m.mpk", "model"], folder.Names().Where(static name => !name.Contains('/', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Single_files_are_restored_also_where_they_repeat_what_is_passed_over(bool canGoBack)
    {
        using var folder = new TemporaryFolder();
        byte[] first = SmallModels.Safetensors(("a", "BF16", [200, 1024], SmallModels.BFloat16Weights(200 * 1024, 1)), ("b", "BF16", [200, 1024], SmallModels.BFloat16Weights(200 * 1024, 2)));
        byte[] second = SmallModels.Safetensors(("c", "BF16", [200, 1024], SmallModels.BFloat16Weights(200 * 1024, 2)));
        folder.Write("model/1.safetensors", first);
        folder.Write("model/2.safetensors", second);
        folder.Write("model/3.txt", [3]);
        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        Stream Open() => canGoBack ? File.OpenRead(folder["m.mpk"]) : new ForwardStream(File.ReadAllBytes(folder["m.mpk"]));
        using (Stream packed = Open())
        {
            UnpackResult result = ModelPacker.Unpack(packed, "m", folder["2"], new UnpackOptions { Files = ["2.safetensors"], AsFile = true });
            Assert.Equal(second.Length, result.OriginalLength);
            Assert.Equal("2.safetensors", Assert.Single(result.Files).Path);
        }

        Assert.Equal(second, File.ReadAllBytes(folder["2"]));
        using (Stream packed = Open())
        using (var target = new MemoryStream())
        {
            ModelPacker.Unpack(packed, "m", target, new UnpackOptions { Files = ["2.safetensors"], AsFile = true });
            Assert.Equal(second, target.ToArray());
        }

        using (Stream packed = Open())
        {
            ModelPacker.Unpack(packed, "m", folder["some"], new UnpackOptions { Files = ["2.safetensors", "3.txt"] });
            Assert.Equal(["2.safetensors", "3.txt"], Directory.GetFiles(folder["some"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void What_is_passed_over_must_be_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/1", SeededPlanes.Make("uniform", 3_000_000));
        folder.Write("model/0", [1]);
        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        byte[] packed = File.ReadAllBytes(folder["m.mpk"]);
        var options = new UnpackOptions { Files = ["0"], AsFile = true };
        foreach (int length in new[] { packed.Length / 2, packed.Length - 1 })
        {
            using var cut = new MemoryStream(packed[..length]);
            Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(cut, "m", folder["0"], options)).Error);
            Assert.False(File.Exists(folder["0"]));
        }
    }

    /// <summary>Files, folders that are empty or hold only such, and where they can be made links; each with a time of its own.</summary>
    private static void MakeModel(TemporaryFolder folder)
    {
        folder.Write("model/config.json", "{}"u8.ToArray());
        folder.Write("model/run.sh", "#!/bin/sh"u8.ToArray());
        folder.Write("model/sub/model.safetensors", SmallModels.Mixed());
        Directory.CreateDirectory(folder["model/empty"]);
        Directory.CreateDirectory(folder["model/nested/empty"]);
        Tree.MakeExecutable(folder["model/run.sh"]);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder["model/latest"], "sub");
            File.CreateSymbolicLink(folder["model/sub/config"], "../config.json");
        }

        string[] names = ["model/config.json", "model/run.sh", "model/sub/model.safetensors", "model/empty", "model/nested/empty", "model/nested", "model/sub", "model"];
        for (int i = 0; i < names.Length; i++)
        {
            Tree.Touch(folder[names[i]], i + 1 == names.Length ? 9 : i + 1);
        }
    }
}
