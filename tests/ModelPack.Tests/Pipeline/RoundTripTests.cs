using System.Security.Cryptography;
using ModelPack.Pipeline;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

public sealed class RoundTripTests
{
    /// <summary>Every dtype of safetensors with bits of an element.</summary>
    private static readonly (string Dtype, int Bits)[] Dtypes =
    [
        ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8), ("F8_E5M2", 8), ("F8_E4M3", 8),
        ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("I16", 16), ("U16", 16), ("F16", 16), ("BF16", 16),
        ("I32", 32), ("U32", 32), ("F32", 32), ("C64", 64), ("F64", 64), ("I64", 64), ("U64", 64),
    ];

    public static TheoryData<string, int> DtypesAndSizes
    {
        get
        {
            var data = new TheoryData<string, int>();
            int[] sizes = [0, 1, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, BlockPlanner.SmallElements - 1, BlockPlanner.SmallElements, BlockPlanner.TargetElements - 1, BlockPlanner.TargetElements, BlockPlanner.TargetElements + 1];
            foreach ((string dtype, int bits) in Dtypes)
            {
                foreach (int size in sizes.Where(size => size * bits % 8 == 0))
                {
                    data.Add(dtype, size);
                }
            }

            return data;
        }
    }

    public static TheoryData<int, string> Lengths
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (int length in new[] { 0, 1, 2, 63, 4097, BlockPlanner.SharedLength - 1, BlockPlanner.SharedLength, BlockPlanner.SharedLength + 1, 3_500_001 })
            {
                data.Add(length, "text");
                data.Add(length, "uniform");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(DtypesAndSizes))]
    public void Every_dtype_and_size_comes_back(string dtype, int count)
    {
        int bits = Dtypes.Single(known => known.Dtype == dtype).Bits;

        // Random bits hold NaN payloads, infinities and denormals of every float; bell-shaped bytes exercise the coders.
        byte[] noise = SeededPlanes.Make("uniform", Math.Max(1, count * bits / 8), seed: count)[..(count * bits / 8)];
        byte[] bell = SeededPlanes.Make("bell-int8", Math.Max(1, count * bits / 8), seed: count)[..(count * bits / 8)];
        byte[] original = SmallModels.Safetensors(("noise", dtype, [count], noise), ("bell", dtype, [count, 1], bell));
        byte[] packed = Packing.Pack(original);
        Assert.Equal(original, Packing.Unpack(packed));

        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", packed));
        PackedFile file = Assert.Single(model.Files);
        Assert.Equal(ModelFormat.Safetensors, file.Format);
        Assert.Equal(2, file.Tensors.Count);
        byte[] tensor = new byte[bell.Length];
        model.ReadTensor(model.FindTensor("bell"), tensor);
        Assert.Equal(bell, tensor);
        Assert.Equal(dtype, model.FindTensor("bell").Info.Dtype.DisplayName());
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Opaque_files_of_every_length_come_back(int length, string kind)
    {
        byte[] original = length == 0 ? [] : SeededPlanes.Make(kind, length);
        byte[] packed = Packing.Pack(original, "notes.bin");
        Assert.Equal(original, Packing.Unpack(packed, threads: 3));

        // What cannot be coded costs only headers: 32 + 40 for the container, a few messages, under 64 a block.
        Assert.InRange(packed.Length, 1, original.Length + 400 + (64 * (1 + (length / BlockPlanner.SharedLength))));
    }

    [Fact]
    public void Bytes_depend_on_the_input_and_level_alone()
    {
        byte[] original = SmallModels.Safetensors(
            ("a", "BF16", [700, 1024], SmallModels.BFloat16Weights(700 * 1024, 5)),
            ("b", "F32", [300, 1024], SmallModels.Float32Weights(300 * 1024, 6)),
            ("c", "U8", [5000], SeededPlanes.Make("sparse", 5000)));
        foreach (PackLevel level in Enum.GetValues<PackLevel>())
        {
            byte[] one = Packing.Pack(original, options: new PackOptions { Threads = 1, Level = level });
            Assert.Equal(one, Packing.Pack(original, options: new PackOptions { Threads = 1, Level = level }));
            Assert.Equal(one, Packing.Pack(original, options: new PackOptions { Threads = 2, Level = level }));
            Assert.Equal(one, Packing.Pack(original, options: new PackOptions { Threads = 7, Level = level }));
            Assert.Equal(original, Packing.Unpack(one, threads: 1));
            Assert.Equal(original, Packing.Unpack(one, threads: 7));
        }
    }

    [Theory]
    [InlineData(PlaneCoder.Stored)]
    [InlineData(PlaneCoder.Constant)]
    [InlineData(PlaneCoder.Huffman)]
    [InlineData(PlaneCoder.Lzw)]
    [InlineData(PlaneCoder.LaneAns)]
    [InlineData(PlaneCoder.ContextAns)]
    [InlineData(PlaneCoder.Lz)]
    public void A_forced_coder_is_used_where_it_can_be(PlaneCoder coder)
    {
        byte[] original = SmallModels.Safetensors(
            ("weights", "BF16", [256, 256], SmallModels.BFloat16Weights(256 * 256, 9)),
            ("zeros", "U8", [256, 256], new byte[256 * 256]));
        byte[] packed = Packing.Pack(original, options: new PackOptions { ForcedCoder = coder });
        Assert.Equal(original, Packing.Unpack(packed));

        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", packed));
        PlaneCoder exponents = model.FindTensor("weights").Planes[0].Coder;
        Assert.Equal(coder == PlaneCoder.Constant ? PlaneCoder.Stored : coder, exponents);
        Assert.Equal(coder, model.FindTensor("zeros").Planes[0].Coder);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(PlaneCoder.Stored)]
    public void Planes_of_more_bytes_than_their_elements_come_back(PlaneCoder? coder)
    {
        // Float16 elements of 16,120 bytes make 18,135 bytes of planes: not what a buffer of 16 KiB, enough for the file, takes.
        byte[] noise = SeededPlanes.Make("uniform", 8060 * 2);
        byte[] original = SmallModels.Safetensors(("noise", "F16", [8060], noise));
        Assert.Equal(original, Packing.Unpack(Packing.Pack(original, options: new PackOptions { ForcedCoder = coder })));
    }

    [Fact]
    public void Chooser_picks_the_coder_that_fits()
    {
        byte[] original = SmallModels.Safetensors(
            ("weights", "BF16", [512, 512], SmallModels.BFloat16Weights(512 * 512, 9)),
            ("zeros", "U8", [256, 256], new byte[256 * 256]),
            ("quantised", "I8", [256, 256], SeededPlanes.Make("bell-int8", 256 * 256)),
            ("noise", "U8", [256, 256], SeededPlanes.Make("uniform", 256 * 256)),
            ("table", "I64", [128, 512], SmallModels.Int64Ramp(128 * 512)),
            ("sines", "F32", [258, 256], SineTable.OfFloat32(256)));
        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", Packing.Pack(original)));
        Assert.Equal([PlaneCoder.LaneAns, PlaneCoder.Stored], model.FindTensor("weights").Planes.Select(static p => p.Coder));
        Assert.Equal([PlaneCoder.Constant], model.FindTensor("zeros").Planes.Select(static p => p.Coder));
        Assert.Equal([PlaneCoder.Huffman], model.FindTensor("quantised").Planes.Select(static p => p.Coder));
        Assert.Equal([PlaneCoder.Stored], model.FindTensor("noise").Planes.Select(static p => p.Coder));
        Assert.Equal(PlaneCoder.Lz, model.FindTensor("table").Planes[0].Coder);
        Assert.Equal(PlaneCoder.Constant, model.FindTensor("table").Planes[7].Coder);

        // Whole elements come back, which their planes do not show.
        PackedTensor sines = model.FindTensor("sines");
        Assert.Equal(("bytes", PlaneCoder.Lz), sines.Planes.Select(static p => (p.Name, p.Coder)).Single());
        Assert.InRange((double)sines.PackedLength / sines.Length, 0, 0.25);

        // About 8 bits of sign and mantissa and 2.6 of exponent.
        PackedTensor weights = model.FindTensor("weights");
        Assert.InRange((double)weights.PackedLength / weights.Length, 0.60, 0.69);
    }

    [Theory]
    [InlineData(PackLevel.Fast, false, false)]
    [InlineData(PackLevel.Default, true, false)]
    [InlineData(PackLevel.Max, true, true)]
    public void Contexts_are_tried_on_integers_and_at_the_highest_level_on_floats(PackLevel level, bool integers, bool floats)
    {
        byte[] original = SmallModels.Layers();
        byte[] packed = Packing.Pack(original, options: new PackOptions { Level = level });
        Assert.Equal(original, Packing.Unpack(packed));
        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", packed));
        foreach (string name in new[] { "conv.u8", "conv.i8", "two.blocks" })
        {
            Assert.Equal(integers, model.FindTensor(name).Planes[0].Coder == PlaneCoder.ContextAns);
        }

        foreach (string name in new[] { "conv.bf16", "conv.f16", "matrix.f32" })
        {
            Assert.Equal(floats, model.FindTensor(name).Planes[0].Coder == PlaneCoder.ContextAns);
        }
    }

    [Fact]
    public void Higher_levels_are_not_larger()
    {
        byte[] original = SmallModels.Mixed();
        int[] sizes = [.. Enum.GetValues<PackLevel>().Select(level => Packing.Pack(original, options: new PackOptions { Level = level }).Length)];
        Assert.True(sizes[0] >= sizes[1] && sizes[1] >= sizes[2], string.Join(", ", sizes));
        Assert.True(sizes[0] > sizes[2], string.Join(", ", sizes));
    }

    [Fact]
    public void Sha256_of_the_original_is_recorded_and_checked()
    {
        byte[] original = SmallModels.Mixed();
        string expected = Convert.ToHexStringLower(SHA256.HashData(original));
        byte[] packed = Packing.Pack(original, options: new PackOptions { Sha256 = true });
        using var folder = new TemporaryFolder();
        string path = folder.Write("m.mpk", packed);
        using (PackedModel model = PackedModel.Open(path))
        {
            Assert.Equal(expected, model.Files[0].Sha256);
        }

        VerifyResult result = ModelPacker.Verify(path, new VerifyOptions { ExpectedSha256 = expected.ToUpperInvariant() });
        Assert.Empty(result.Differences);
        Assert.Equal(expected, result.Files[0].Sha256);
        Assert.Single(ModelPacker.Verify(path, new VerifyOptions { ExpectedSha256 = new string('0', 64) }).Differences);
        Assert.Throws<ModelPackException>(() => ModelPacker.Verify(path, new VerifyOptions { ExpectedSha256 = "abc" }));
    }

    [Fact]
    public void Tensors_of_a_shared_block_come_back_alone()
    {
        byte[] original = SmallModels.Mixed();
        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", Packing.Pack(original)));
        Assert.Equal(1, model.Files[0].BlockCount);
        foreach (PackedTensor tensor in model.Files[0].Tensors)
        {
            byte[] data = new byte[tensor.Length];
            model.ReadTensor(tensor, data);
            byte[] expected = tensor.Info.Name switch
            {
                "embed" => SmallModels.BFloat16Weights(16 * 64, 1),
                "norm" => SmallModels.Float32Weights(64, 2),
                "ids" => SmallModels.Int64Ramp(100),
                "zeros" => new byte[500],
                "mask" => SeededPlanes.Make("runs", 400),
                "quantised" => SeededPlanes.Make("bell-int8", 700),
                "empty" => [],
                _ => SeededPlanes.Make("uniform", 133),
            };
            Assert.Equal(expected, data);
            using var stream = new MemoryStream();
            model.CopyTensorTo(tensor, stream);
            Assert.Equal(expected, stream.ToArray());
        }

        Assert.Equal<ulong>([0, 5], model.FindTensor("empty").Info.Shape);
        Assert.Throws<ModelPackException>(() => model.FindTensor("Embed"));
    }

    [Fact]
    public void A_model_that_cannot_be_parsed_is_packed_as_opaque_bytes_with_a_warning()
    {
        byte[] original = SmallModels.Mixed();
        original[9] = (byte)'!';
        using var source = new MemoryStream(original);
        using var target = new MemoryStream();
        PackResult result = ModelPacker.Pack(source, "broken.safetensors", target);
        ModelPackWarning warning = Assert.Single(result.Warnings);
        Assert.Equal("broken.safetensors", warning.File);
        Assert.NotNull(warning.Offset);
        Assert.Equal(ModelFormat.Opaque, result.Files[0].Format);
        Assert.Equal(original, Packing.Unpack(target.ToArray()));

        source.Position = 0;
        ModelPackException exception = Assert.Throws<ModelPackException>(
            () => ModelPacker.Pack(source, "broken.safetensors", Stream.Null, new PackOptions { Strict = true }));
        Assert.Equal("broken.safetensors", exception.FileName);
    }

    [Fact]
    public void Memory_packs_and_comes_back_in_place()
    {
        byte[] original = SmallModels.Safetensors(
            ("a", "BF16", [300, 1024], SmallModels.BFloat16Weights(300 * 1024, 5)), ("b", "U8", [70_000], SeededPlanes.Make("text", 70_000)));
        using var target = new MemoryStream();
        ModelPacker.Pack(original, "model.safetensors", target);
        Assert.Equal(Packing.Pack(original), target.ToArray());
        byte[] packed = target.ToArray();
        foreach (int threads in new[] { 1, 3 })
        {
            byte[] room = new byte[original.Length + 2];
            ModelPacker.Unpack(packed, room.AsMemory(1, original.Length), new UnpackOptions { Threads = threads });
            Assert.Equal([0, .. original, 0], room);
        }

        Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(packed, new byte[original.Length - 1])).Error);
        Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(packed, new byte[original.Length + 1])).Error);
        for (int length = 0; length < packed.Length; length += 997)
        {
            Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(packed.AsMemory(0, length), new byte[original.Length]));
        }
    }

    [Fact]
    public void Thousands_of_small_tensors_cost_little_more_than_one_large()
    {
        byte[] weights = SmallModels.BFloat16Weights(512 * 2048, 5);
        (string, string, int[], byte[])[] small = [.. weights.Chunk(4096).Select(static (chunk, index) => ($"w{index:D3}", "BF16", new[] { chunk.Length / 2 }, chunk))];
        int header = SmallModels.Safetensors(small).Length - weights.Length;
        int one = Packing.Pack(SmallModels.Safetensors(("w", "BF16", [512, 2048], weights))).Length;
        int many = Packing.Pack(SmallModels.Safetensors(small)).Length;

        // The names and offsets, in the header and again in the index, are not what tensors cost in tables.
        Assert.InRange(many - one, 0, (one / 100) + header);
    }
}
