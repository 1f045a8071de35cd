using System.Security.Cryptography;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Bases;

/// <summary>A model packed as its difference to a base comes back with that base, and with no other.</summary>
public sealed class BaseTests : IDisposable
{
    private const byte BlockKind = 2, CodedForm = 0, RepeatForm = 1, DifferenceForm = 2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void It_comes_back_in_every_way(int threads)
    {
        byte[] original = Model(tuned: true);
        _folder.Write("base.safetensors", Model(tuned: false));
        _folder.Write("tuned.safetensors", original);
        PackResult result = ModelPacker.Pack(_folder["tuned.safetensors"], _folder["m.mpk"], new PackOptions { Base = _folder["base.safetensors"], Threads = threads });
        Assert.Equal("base.safetensors", result.Base?.Name);
        byte[] packed = File.ReadAllBytes(_folder["m.mpk"]);
        Assert.InRange(packed.Length, 1, Packing.Pack(original).Length / 2);

        var options = new UnpackOptions { Threads = threads, Base = _folder["base.safetensors"] };
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], options);
        Assert.Equal(original, File.ReadAllBytes(_folder["back"]));
        using var pipe = new MemoryStream();
        ModelPacker.Unpack(new ForwardStream(packed), "pipe", pipe, options);
        Assert.Equal(original, pipe.ToArray());
        byte[] memory = new byte[original.Length];
        ModelPacker.Unpack(packed, memory, options);
        Assert.Equal(original, memory);
        var verify = new VerifyOptions { Base = _folder["base.safetensors"], Against = _folder["tuned.safetensors"], Threads = threads };
        Assert.Empty(ModelPacker.Verify(_folder["m.mpk"], verify).Differences);

        using PackedModel model = PackedModel.Open(_folder["m.mpk"], _folder["base.safetensors"]);
        foreach ((string name, byte[] expected) in Tensors(tuned: true))
        {
            byte[] tensor = new byte[expected.Length];
            model.ReadTensor(model.FindTensor(name), tensor);
            Assert.Equal(expected, tensor);
        }
    }

    [Fact]
    public void The_index_tells_what_is_needed_and_what_came_from_it()
    {
        byte[] baseModel = Model(tuned: false);
        Pack(baseModel, Model(tuned: true));
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        Assert.Equal("base.safetensors", model.Base?.Name);
        Assert.Equal([new BaseFile("base.safetensors", baseModel.Length, Convert.ToHexStringLower(SHA256.HashData(baseModel)))], model.Base!.Files);
        PackedTensor same = model.FindTensor("same");
        Assert.Equal(same.Length, same.BaseLength);
        Assert.InRange(same.PackedLength, 1, 100);
        PackedTensor close = model.FindTensor("close");
        Assert.Equal(close.Length, close.BaseLength);
        Assert.InRange((double)close.PackedLength / close.Length, 0.01, 0.30);
        Assert.Equal(0, model.FindTensor("other").BaseLength);
        Assert.Equal(0, model.FindTensor("new").BaseLength);

        // Without the base, what does not come from it can be read, and the rest says what is missing.
        byte[] other = new byte[model.FindTensor("other").Length];
        model.ReadTensor(model.FindTensor("other"), other);
        Assert.Equal(Tensors(tuned: true)["other"], other);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => model.ReadTensor(same, new byte[same.Length]));
        Assert.Equal(ModelPackError.InvalidRequest, exception.Error);
        Assert.Contains(model.Base.Files[0].Sha256, exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_do_not_depend_on_threads()
    {
        Pack(Model(tuned: false), Model(tuned: true), new PackOptions { Threads = 1, RecordsTimes = false });
        byte[] expected = File.ReadAllBytes(_folder["m.mpk"]);
        Pack(Model(tuned: false), Model(tuned: true), new PackOptions { Threads = 5, Overwrite = true, RecordsTimes = false });
        Assert.Equal(expected, File.ReadAllBytes(_folder["m.mpk"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("none")]
    [InlineData("changed")]
    [InlineData("shorter")]
    [InlineData("tuned.safetensors")]
    public void Without_the_right_base_nothing_is_written(string? given)
    {
        byte[] baseModel = Model(tuned: false);
        Pack(baseModel, Model(tuned: true));
        _folder.Write("shorter", baseModel[..^1]);
        baseModel[^1] ^= 1;
        _folder.Write("changed", baseModel);
        string[] before = _folder.Names();
        var options = new UnpackOptions { Base = given is null ? null : _folder[given] };
        using var stream = new MemoryStream();
        byte[] memory = new byte[Model(tuned: true).Length];
        foreach (Action unpack in new Action[]
        {
            () => ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], options),
            () => ModelPacker.Unpack(_folder["m.mpk"], stream, options),
            () => ModelPacker.Unpack(new ForwardStream(File.ReadAllBytes(_folder["m.mpk"])), "pipe", stream, options),
            () => ModelPacker.Unpack(File.ReadAllBytes(_folder["m.mpk"]), memory, options),
            () => ModelPacker.Verify(_folder["m.mpk"], new VerifyOptions { Base = options.Base }),
        })
        {
            if (given == "none")
            {
                Assert.Throws<FileNotFoundException>(unpack);
                continue;
            }

            ModelPackException exception = Assert.Throws<ModelPackException>(unpack);
            Assert.Equal(ModelPackError.InvalidRequest, exception.Error);
            Assert.Contains(given is null ? "--base" : "is not the base", exception.Reason, StringComparison.Ordinal);
            Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Model(tuned: false))), exception.Reason, StringComparison.Ordinal);
        }

        Assert.Equal(before, _folder.Names());
        Assert.Equal(0, stream.Length);
        Assert.Equal(-1, memory.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_base_of_one_file_may_have_another_name_or_be_packed_itself()
    {
        byte[] baseModel = Model(tuned: false);
        Pack(baseModel, Model(tuned: true));
        _folder.Write("renamed", baseModel);
        ModelPacker.Pack(_folder["renamed"], _folder["packed-base.mpk"]);
        foreach (string name in new[] { "renamed", "packed-base.mpk" })
        {
            ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder[name], Overwrite = true });
            Assert.Equal(Model(tuned: true), File.ReadAllBytes(_folder["back"]));
        }

        ModelPacker.Pack(_folder["tuned.safetensors"], _folder["again.mpk"], new PackOptions { Base = _folder["packed-base.mpk"] });
        ModelPacker.Unpack(_folder["again.mpk"], _folder["back"], new UnpackOptions { Base = _folder["renamed"], Overwrite = true });
        Assert.Equal(Model(tuned: true), File.ReadAllBytes(_folder["back"]));

        ModelPackException exception = Assert.Throws<ModelPackException>(
            () => ModelPacker.Pack(_folder["tuned.safetensors"], _folder["chain.mpk"], new PackOptions { Base = _folder["again.mpk"] }));
        Assert.Equal(_folder["again.mpk"], exception.FileName);
    }

    [Fact]
    public void Tensors_are_found_whatever_the_shard_they_lie_in()
    {
        Dictionary<string, byte[]> before = Tensors(tuned: false);
        Dictionary<string, byte[]> after = Tensors(tuned: true);
        _folder.Write("base/1.safetensors", SmallModels.Safetensors(Describe(before, "same"), Describe(before, "other")));
        _folder.Write("base/sub/2.safetensors", SmallModels.Safetensors(Describe(before, "close")));
        _folder.Write("base/unused.safetensors", SmallModels.Safetensors(("x", "F32", [4], new byte[16])));
        _folder.Write("tuned/a.safetensors", SmallModels.Safetensors(Describe(after, "close"), Describe(after, "new")));
        _folder.Write("tuned/b.safetensors", SmallModels.Safetensors(Describe(after, "other"), Describe(after, "same")));
        PackResult result = ModelPacker.Pack(_folder["tuned"], _folder["m.mpk"], new PackOptions { Base = _folder["base"] });
        Assert.Equal(["sub/2.safetensors", "1.safetensors"], result.Base!.Files.Select(static file => file.Path));
        using PackedModel model = PackedModel.Open(_folder["m.mpk"], _folder["base"]);
        Assert.All(["same", "close"], name => Assert.Equal(model.FindTensor(name).Length, model.FindTensor(name).BaseLength));

        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder["base"] });
        Assert.Equal(File.ReadAllBytes(_folder["tuned/a.safetensors"]), File.ReadAllBytes(_folder["back/a.safetensors"]));
        Assert.Equal(File.ReadAllBytes(_folder["tuned/b.safetensors"]), File.ReadAllBytes(_folder["back/b.safetensors"]));

        File.Delete(_folder["base/sub/2.safetensors"]);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(_folder["m.mpk"], _folder["more"], new UnpackOptions { Base = _folder["base"] }));
        Assert.Contains("has no file 'sub/2.safetensors'", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_that_does_not_help_costs_next_to_nothing()
    {
        byte[] model = SmallModels.Safetensors(("w", "BF16", [512, 512], SmallModels.BFloat16Weights(512 * 512, 1)), ("v", "F32", [100], SmallModels.Float32Weights(100, 2)));
        byte[] unrelated = SmallModels.Safetensors(("w", "BF16", [512, 512], SmallModels.BFloat16Weights(512 * 512, 3)), ("v", "F32", [100], SmallModels.Float32Weights(100, 4)));
        Pack(unrelated, model);
        byte[] packed = File.ReadAllBytes(_folder["m.mpk"]);
        Assert.Equal(3, ContainerFrames.Find(packed, BlockKind, CodedForm).Count);
        Assert.InRange(packed.Length, 0, Packing.Pack(model).Length + 250);
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder["base.safetensors"] });
        Assert.Equal(model, File.ReadAllBytes(_folder["back"]));
    }

    [Fact]
    public void A_base_with_nothing_in_common_is_not_needed()
    {
        byte[] model = Model(tuned: true);
        _folder.Write("base.safetensors", SmallModels.Safetensors(("x", "F32", [2000], SmallModels.Float32Weights(2000, 1))));
        _folder.Write("tuned.safetensors", model);
        PackResult result = ModelPacker.Pack(_folder["tuned.safetensors"], _folder["m.mpk"], new PackOptions { Base = _folder["base.safetensors"], RecordsTimes = false });
        Assert.Null(result.Base);
        Assert.Equal(_folder["base.safetensors"], Assert.Single(result.Warnings).File);
        Assert.Equal(Packing.Pack(model, "tuned.safetensors"), File.ReadAllBytes(_folder["m.mpk"]));

        // A base that a container does not need is not looked at.
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder["none"] });
        Assert.Equal(model, File.ReadAllBytes(_folder["back"]));
    }

    [Fact]
    public void A_model_against_itself_is_nothing_but_references()
    {
        byte[] model = Model(tuned: false);
        Pack(model, model);
        byte[] packed = File.ReadAllBytes(_folder["m.mpk"]);
        Assert.InRange(packed.Length, 1, 1500);
        Assert.Empty(ContainerFrames.Find(packed, BlockKind, CodedForm));
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder["base.safetensors"] });
        Assert.Equal(model, File.ReadAllBytes(_folder["back"]));
    }

    [Fact]
    public void Repeats_may_name_differences()
    {
        (string, string, int[], byte[]) head = ("head", "BF16", [300, 1024], Tensors(tuned: true)["close"]);
        byte[] baseModel = SmallModels.Safetensors(Describe(Tensors(tuned: false), "close"));
        byte[] model = SmallModels.Safetensors(Describe(Tensors(tuned: true), "close"), head);
        Pack(baseModel, model);
        byte[] packed = File.ReadAllBytes(_folder["m.mpk"]);
        Assert.Equal(3, packed[12]);
        Assert.Equal(2, ContainerFrames.Find(packed, BlockKind, RepeatForm).Count);
        Assert.Equal(2, ContainerFrames.Find(packed, BlockKind, DifferenceForm).Count);
        using var target = new MemoryStream();
        ModelPacker.Unpack(new ForwardStream(packed), "pipe", target, new UnpackOptions { Base = _folder["base.safetensors"], Threads = 3 });
        Assert.Equal(model, target.ToArray());
        using PackedModel opened = PackedModel.Open(_folder["m.mpk"], _folder["base.safetensors"]);
        byte[] tensor = new byte[head.Item4.Length];
        opened.ReadTensor(opened.FindTensor("head"), tensor);
        Assert.Equal(head.Item4, tensor);
    }

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("F16", 2)]
    [InlineData("F64", 8)]
    [InlineData("C64", 8)]
    [InlineData("I8", 1)]
    [InlineData("I64", 8)]
    public void Every_width_of_element_comes_back(string dtype, int size)
    {
        foreach (int count in new[] { 3, 2000, 70_001 })
        {
            byte[] before = SeededPlanes.Make("bell-int8", count * size, seed: count);
            byte[] after = [.. before];
            for (int i = 0; i < after.Length; i += 7 * size)
            {
                after[i]++;
            }

            byte[] model = SmallModels.Safetensors(("w", dtype, [count], after));
            Pack(SmallModels.Safetensors(("w", dtype, [count], before)), model, new PackOptions { Overwrite = true });
            Assert.NotEmpty(ContainerFrames.Find(File.ReadAllBytes(_folder["m.mpk"]), BlockKind, DifferenceForm));
            ModelPacker.Unpack(_folder["m.mpk"], _folder["back"], new UnpackOptions { Base = _folder["base.safetensors"], Overwrite = true });
            Assert.Equal(model, File.ReadAllBytes(_folder["back"]));
        }
    }

    private static byte[] Model(bool tuned)
    {
        Dictionary<string, byte[]> tensors = Tensors(tuned);
        return SmallModels.Safetensors([.. tensors.Keys.Select(name => Describe(tensors, name))]);
    }

    private static (string Name, string Dtype, int[] Shape, byte[] Data) Describe(Dictionary<string, byte[]> tensors, string name) =>
        (name, "BF16", [tensors[name].Length / 2048, 1024], tensors[name]);

    /// <summary>
    /// One tensor that stays the same, a small one, too, one of which a few bits change, one that is made anew, one that only
    /// the tuned model has.
    /// </summary>
    private static Dictionary<string, byte[]> Tensors(bool tuned)
    {
        byte[] close = SmallModels.BFloat16Weights(300 * 1024, 2);
        var random = new Random(3);
        for (int i = 0; tuned && i < close.Length; i += 2)
        {
            close[i] ^= (byte)(random.Next(16) == 0 ? 1 : 0);
        }

        Dictionary<string, byte[]> tensors = new()
        {
            ["same"] = SmallModels.BFloat16Weights(200 * 1024, 1),
            ["small"] = SmallModels.BFloat16Weights(8 * 1024, 7),
            ["close"] = close,
            ["other"] = SmallModels.BFloat16Weights(40 * 1024, tuned ? 4 : 5),
        };
        if (tuned)
        {
            tensors["new"] = SmallModels.BFloat16Weights(40 * 1024, 6);
        }

        return tensors;
    }

    private void Pack(byte[] baseModel, byte[] model, PackOptions? options = null)
    {
        _folder.Write("base.safetensors", baseModel);
        _folder.Write("tuned.safetensors", model);
        ModelPacker.Pack(_folder["tuned.safetensors"], _folder["m.mpk"], (options ?? new PackOptions()) with { Base = _folder["base.safetensors"] });
    }
}
