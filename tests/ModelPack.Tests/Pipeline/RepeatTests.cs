using ModelPack.Pipeline;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>Equal tensors are stored once and come back everywhere, wherever the container comes from.</summary>
public sealed class RepeatTests
{
    private const byte BlockKind = 2, CodedForm = 0, RepeatForm = 1;

    private static readonly byte[] Large = SmallModels.BFloat16Weights(300 * 1024, 5);
    private static readonly byte[] Small = SmallModels.Float32Weights(2048, 6);

    /// <summary>Two equal tensors of several blocks, two equal small ones, and others between them.</summary>
    private static byte[] Tied(int seed = 7) => SmallModels.Safetensors(
        ("embed", "BF16", [300, 1024], Large),
        ("a", "F32", [2048], Small),
        ("layer", "BF16", [100, 1024], SmallModels.BFloat16Weights(100 * 1024, seed)),
        ("b", "F32", [2048], Small),
        ("c", "F32", [2048], SmallModels.Float32Weights(2048, seed)),
        ("head", "BF16", [300, 1024], Large));

    [Fact]
    public void Equal_tensors_are_stored_once()
    {
        byte[] packed = Packing.Pack(Tied());
        Assert.Equal(3, ContainerFrames.Find(packed, BlockKind, RepeatForm).Count);
        int once = Packing.Pack(SmallModels.Safetensors(
            ("embed", "BF16", [300, 1024], Large), ("a", "F32", [2048], Small), ("layer", "BF16", [100, 1024], SmallModels.BFloat16Weights(100 * 1024, 7)),
            ("c", "F32", [2048], SmallModels.Float32Weights(2048, 7)))).Length;
        Assert.InRange(packed.Length, once, once + 800);

        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", packed));
        Assert.Equal([0L, 0, 0, Small.Length, 0, Large.Length], model.Files[0].Tensors.Select(static tensor => tensor.RepeatedLength));
        Assert.InRange(model.FindTensor("head").PackedLength, 1, 100);
        Assert.Empty(model.FindTensor("head").Planes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void They_come_back_in_every_way(int threads)
    {
        byte[] original = Tied();
        byte[] packed = Packing.Pack(original);
        var options = new UnpackOptions { Threads = threads };
        Assert.Equal(original, Packing.Unpack(packed, threads));

        using var pipe = new MemoryStream();
        ModelPacker.Unpack(new ForwardStream(packed), "pipe", pipe, options);
        Assert.Equal(original, pipe.ToArray());

        byte[] memory = new byte[original.Length];
        ModelPacker.Unpack(packed, memory, options);
        Assert.Equal(original, memory);

        using var folder = new TemporaryFolder();
        string path = folder.Write("m.mpk", packed);
        ModelPacker.Unpack(path, folder["back"], options);
        Assert.Equal(original, File.ReadAllBytes(folder["back"]));
        ModelPacker.Unpack(new ForwardStream(packed), "pipe", folder["from-pipe"], options);
        Assert.Equal(original, File.ReadAllBytes(folder["from-pipe"]));
        var against = new VerifyOptions { Against = folder["back"], Threads = threads };
        Assert.Empty(ModelPacker.Verify(path, against).Differences);
        Assert.Empty(ModelPacker.Verify(new ForwardStream(packed), "pipe", against).Differences);

        // A container need not start where its stream does.
        using var within = new MemoryStream([1, 2, 3, .. packed]) { Position = 3 };
        using var restored = new MemoryStream();
        ModelPacker.Unpack(within, "stream", restored, options);
        Assert.Equal(original, restored.ToArray());

        using PackedModel model = PackedModel.Open(path);
        foreach ((string name, byte[] expected) in new[] { ("embed", Large), ("head", Large), ("a", Small), ("b", Small) })
        {
            byte[] tensor = new byte[expected.Length];
            model.ReadTensor(model.FindTensor(name), tensor);
            Assert.Equal(expected, tensor);
        }
    }

    [Fact]
    public void Files_of_a_folder_share_what_they_have_in_common()
    {
        using var folder = new TemporaryFolder();
        byte[] notes = SeededPlanes.Make("text", 5000);
        folder.Write("m/1.safetensors", Tied());
        folder.Write("m/2.safetensors", Tied());
        folder.Write("m/a/notes.txt", notes);
        folder.Write("m/b/notes.txt", notes);
        PackResult result = ModelPacker.Pack(folder["m"], folder["m.mpk"], new PackOptions { Sha256 = true });
        Assert.InRange(result.Files[1].PackedLength, 1, 1500);
        Assert.InRange(result.Files[3].PackedLength, 1, 60);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        ModelPacker.Unpack(new ForwardStream(File.ReadAllBytes(folder["m.mpk"])), "pipe", folder["from-pipe"]);
        foreach (FileSummary file in result.Files)
        {
            Assert.Equal(File.ReadAllBytes(folder["m/" + file.Path]), File.ReadAllBytes(folder["back/" + file.Path]));
            Assert.Equal(File.ReadAllBytes(folder["m/" + file.Path]), File.ReadAllBytes(folder["from-pipe/" + file.Path]));
        }

        Assert.Empty(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = folder["m"] }).Differences);
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);
        byte[] head = new byte[Large.Length];
        model.ReadTensor(model.FindTensor("head", "2.safetensors"), head);
        Assert.Equal(Large, head);
    }

    [Fact]
    public void Bytes_do_not_depend_on_threads_or_on_where_they_come_from()
    {
        byte[] original = Tied();
        byte[] expected = Packing.Pack(original, options: new PackOptions { Threads = 1 });
        Assert.Equal(expected, Packing.Pack(original, options: new PackOptions { Threads = 5 }));
        using var fromMemory = new MemoryStream();
        ModelPacker.Pack(original, "model.safetensors", fromMemory);
        Assert.Equal(expected, fromMemory.ToArray());
        using var folder = new TemporaryFolder();
        ModelPacker.Pack(folder.Write("model.safetensors", original), folder["m.mpk"], new PackOptions { RecordsTimes = false });
        Assert.Equal(expected, File.ReadAllBytes(folder["m.mpk"]));
    }

    [Fact]
    public void Equal_parts_of_tensors_that_differ_are_stored_once()
    {
        byte[] tuned = [.. Large];
        tuned[100] ^= 1;
        byte[] original = SmallModels.Safetensors(("old", "BF16", [300, 1024], Large), ("new", "BF16", [300, 1024], tuned));
        byte[] packed = Packing.Pack(original);
        Assert.Single(ContainerFrames.Find(packed, BlockKind, RepeatForm));
        Assert.Equal(3, ContainerFrames.Find(packed, BlockKind, CodedForm).Count - 1);
        Assert.Equal(original, Packing.Unpack(packed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4099)]
    [InlineData(8191)]
    public void Tensors_that_differ_in_one_byte_are_not_taken_for_equal(int position)
    {
        byte[] almost = [.. Small];
        almost[position] ^= 1;
        byte[] original = SmallModels.Safetensors(("a", "F32", [2048], Small), ("b", "F32", [2048], almost), ("c", "F32", [2048], almost));
        byte[] packed = Packing.Pack(original);
        Assert.Single(ContainerFrames.Find(packed, BlockKind, RepeatForm));
        Assert.Equal(original, Packing.Unpack(packed));
    }

    [Fact]
    public void What_costs_nothing_is_not_torn_out_of_its_block()
    {
        byte[] ones = [.. Enumerable.Repeat(new byte[] { 0, 0, 128, 63 }, 2048).SelectMany(static one => one)];
        (string, string, int[], byte[])[] norms = [.. Enumerable.Range(0, 20).Select(i => ($"norm{i}", "F32", new[] { 2048 }, ones))];
        byte[] packed = Packing.Pack(SmallModels.Safetensors(norms));
        Assert.Equal(0, packed[12]);
        Assert.Single(ContainerFrames.Find(packed, BlockKind, CodedForm));
    }

    [Fact]
    public void Tensors_below_the_limit_share_blocks_as_before()
    {
        byte[] bytes = Small[..(RepeatFinder.LeastLength - 4)];
        byte[] packed = Packing.Pack(SmallModels.Safetensors(("a", "F32", [1023], bytes), ("b", "F32", [1023], bytes)));
        Assert.Equal(0, packed[12]);
        Assert.Single(ContainerFrames.Find(packed, BlockKind, CodedForm));
    }

    [Fact]
    public void Many_equal_tensors_all_name_the_first()
    {
        (string, string, int[], byte[])[] experts = [.. Enumerable.Range(0, 300).Select(i => ($"expert{i:D3}", "F32", new[] { 2048 }, Small))];
        byte[] original = SmallModels.Safetensors(experts);
        byte[] packed = Packing.Pack(original);
        Assert.Equal(299, ContainerFrames.Find(packed, BlockKind, RepeatForm).Count);
        Assert.InRange(packed.Length, 1, Small.Length + (300 * 140));
        Assert.Equal(original, Packing.Unpack(packed, threads: 3));
    }

    [Fact]
    public void Restoring_from_a_pipe_takes_no_memory_for_what_is_repeated()
    {
        byte[] packed = Packing.Pack(SmallModels.Safetensors(
            [.. Enumerable.Range(0, 6).SelectMany(static i => new[] { i, i }).Select(static (i, at) => ($"w{at}", "BF16", new[] { 2048, 512 }, SmallModels.BFloat16Weights(2048 * 512, i)))]));
        Assert.True(packed.Length > 8_000_000);
        long allocated = Allocations.InSteadyState(
            () => ModelPacker.Unpack(new ForwardStream(packed), "pipe", Stream.Null, new UnpackOptions { Threads = 1 }), callsPerRound: 1);
        Assert.InRange(allocated, 0, 3_000_000);
    }
}
