using System.Security.Cryptography;
using System.Text;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Compatibility;

/// <summary>
/// Every container ever written is read for ever. What packing gives today is no matter here: encoders may improve.
/// </summary>
public sealed class GoldenFileTests
{
    public static TheoryData<string> Names => new(GoldenFiles.Version1.Select(static path => Path.GetFileName(path)));

    /// <summary>With <c>sha</c>, packed with a SHA-256.</summary>
    public static TheoryData<string, bool> NamesWithSha256 => new()
    {
        { "all_dtypes.safetensors.mpk", true },
        { "conv_f16.onnx.mpk", true },
        { "typed_fields.onnx.mpk", true },
        { "all_dtypes.safetensors.LaneAns.mpk", false },
        { "sharded.mpk", false },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void It_unpacks_to_its_original(string name)
    {
        string container = PathOf(name);
        using var folder = new TemporaryFolder();
        ModelPacker.Unpack(container, folder["from-file"]);
        GoldenFiles.AssertSame(GoldenFiles.OriginalOf(container), folder["from-file"]);

        using var stream = new MemoryStream(File.ReadAllBytes(container));
        ModelPacker.Unpack(stream, name, folder["from-stream"]);
        GoldenFiles.AssertSame(GoldenFiles.OriginalOf(container), folder["from-stream"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_verifies_against_its_original(string name)
    {
        string container = PathOf(name);
        VerifyResult result = ModelPacker.Verify(container, new VerifyOptions { Against = GoldenFiles.OriginalOf(container) });
        Assert.Empty(result.Differences);
        Assert.Equal(new FileInfo(container).Length, result.PackedLength);
    }

    [Theory]
    [MemberData(nameof(NamesWithSha256))]
    public void It_has_a_sha256_when_it_was_packed_with_one(string name, bool sha)
    {
        string container = PathOf(name);
        using PackedModel model = PackedModel.Open(container);
        if (!sha)
        {
            Assert.All(model.Files, static file => Assert.Null(file.Sha256));
            return;
        }

        PackedFile only = Assert.Single(model.Files);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(GoldenFiles.OriginalOf(container)))), only.Sha256);
    }

    [Fact]
    public void A_difference_unpacks_with_its_base()
    {
        using var folder = new TemporaryFolder();
        (string container, string baseModel, string original) = GoldenFiles.Difference;
        ModelPacker.Unpack(container, folder["from-file"], new UnpackOptions { Base = baseModel });
        GoldenFiles.AssertSame(original, folder["from-file"]);
        Assert.Empty(ModelPacker.Verify(container, new VerifyOptions { Base = baseModel, Against = original }).Differences);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".001")]
    public void A_container_in_parts_unpacks(string part)
    {
        using var folder = new TemporaryFolder();
        ModelPacker.Unpack(GoldenFiles.Split + part, folder["back"]);
        GoldenFiles.AssertSame(GoldenFiles.OriginalOf(GoldenFiles.Split), folder["back"]);
    }

    [UnixFact]
    public void A_folder_comes_back_with_links_execute_bits_and_times()
    {
        using var folder = new TemporaryFolder();
        ModelPacker.Unpack(GoldenFiles.FolderWithAll, folder["from-file"]);
        GoldenFiles.AssertFolderWithAll(folder["from-file"]);
        using var stream = new ForwardStream(File.ReadAllBytes(GoldenFiles.FolderWithAll));
        ModelPacker.Unpack(stream, "folder.mpk", folder["from-stream"]);
        GoldenFiles.AssertFolderWithAll(folder["from-stream"]);

        ModelPacker.Unpack(GoldenFiles.FileWithAll, folder["run.sh"]);
        Assert.True(Tree.IsExecutable(folder["run.sh"]));
        Assert.Equal("1234567890.987654321", Tree.Run("stat", "-c", "%.9Y", folder["run.sh"]));
    }

    [Fact]
    public void A_model_with_its_data_files_unpacks_beside_and_into_a_folder()
    {
        using var folder = new TemporaryFolder();
        (string container, string original) = GoldenFiles.ModelAndData;
        ModelPacker.Unpack(container, folder["new"]);
        Directory.CreateDirectory(folder["there"]);
        ModelPacker.UnpackInto(container, folder["there"]);
        GoldenFiles.AssertSame(folder["new"], folder["there"]);
        Assert.Equal(["data/half.bin", "model.onnx", "shared.bin", "weights.bin"], Directory.GetFiles(folder["new"], "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder["new"], file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.Empty(ModelPacker.Verify(container, new VerifyOptions { Against = Path.Combine(original, "model.onnx") }).Differences);
        using PackedModel model = PackedModel.Open(container);
        Assert.Equal("model.onnx", model.LeadingFile);
        Assert.Equal(new ExternalTensorData("weights.bin", 24837, 384), model.FindTensor("b1").External);
        byte[] bias = new byte[384];
        model.ReadTensor(model.FindTensor("b1"), bias);
        Assert.Equal(File.ReadAllBytes(Path.Combine(original, "weights.bin"))[24837..25221], bias);
    }

    [Fact]
    public void The_worked_examples_of_the_format_unpack()
    {
        List<byte[]> examples = GoldenFiles.WorkedExamples();
        Assert.Equal(2, examples.Count);
        Assert.Equal("ModelPack", Encoding.ASCII.GetString(Packing.Unpack(examples[0])));

        // 1.0, -2.5, 0.5 and 3.0 as BF16.
        byte[] expected = SmallModels.Safetensors(("w", "BF16", [4], Convert.FromHexString("803F20C0003F4040")));
        byte[] restored = Packing.Unpack(examples[1]);
        Assert.Equal("{\"w\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}} ", Encoding.ASCII.GetString(restored[8..^8]));
        Assert.Equal(expected[^8..], restored[^8..]);
    }

    private static string PathOf(string name) => GoldenFiles.Version1.Single(path => Path.GetFileName(path) == name);
}
