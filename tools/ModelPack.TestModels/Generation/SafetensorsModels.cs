using System.Text;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Generation;

/// <summary>A small model to commit.</summary>
/// <param name="File">Path in testmodels, with forward slashes.</param>
/// <param name="About">What it is good for, one line.</param>
/// <param name="Contents">The whole file.</param>
internal sealed record SmallModel(string File, string About, byte[] Contents);

/// <summary>The small safetensors models and the sharded folder.</summary>
internal static class SafetensorsModels
{
    private const double Sigma = 0.03;

    public static IEnumerable<SmallModel> All() => [AllDtypes(), Bf16Transformer(), Floats(), Quantised(), .. Sharded(), Tied()];

    private static SmallModel AllDtypes()
    {
        var random = new SplitMix64(1);
        var tensors = new List<SafetensorsTensor>();
        foreach (Dtype dtype in SafetensorsWriter.UpstreamOrder)
        {
            tensors.Add(Tensor(ref random, $"{dtype.DisplayName().ToLowerInvariant()}.weight", dtype, 16, 64));
        }

        tensors.Add(new SafetensorsTensor("f32.scalar", Dtype.F32, [], Elements.OfFloats([0.5], Dtype.F32)));
        tensors.Add(new SafetensorsTensor("f32.empty", Dtype.F32, [0, 7], []));
        return File("all_dtypes.safetensors", "one tensor of each of the 22 safetensors dtypes, a scalar and one without elements", tensors);
    }

    private static SmallModel Bf16Transformer()
    {
        var random = new SplitMix64(2);
        var tensors = new List<SafetensorsTensor> { Tensor(ref random, "model.embed_tokens.weight", Dtype.BF16, 516, 256) };
        tensors.AddRange(Layer(ref random, 0, Dtype.BF16, 64));
        return File("transformer_bf16.safetensors", "BF16 as in a language model; the embedding has more than 128 Ki values, the norms 64", tensors);
    }

    private static SmallModel Floats()
    {
        const int Rows = 48, Columns = 128;
        var random = new SplitMix64(3);
        double[] sparse = Bell.Matrix(ref random, Rows, Columns, Sigma);
        for (int i = 0; i < sparse.Length; i++)
        {
            sparse[i] = random.Below(20) == 0 ? sparse[i] : 0;
        }

        // F32 that is exactly BF16: the two low bytes of each value are zero.
        byte[] widened = new byte[Rows * Columns * sizeof(float)];
        Numbers.FloatConversion.Convert(Elements.OfFloats(Bell.Matrix(ref random, Rows, Columns, Sigma), Dtype.BF16), Dtype.BF16, widened, Dtype.F32);

        return File(
            "floats.safetensors",
            "dense F32 and F16, F32 widened from BF16, sparse, constant and special values",
            [
                Tensor(ref random, "dense.f32", Dtype.F32, Rows, Columns),
                Tensor(ref random, "dense.f16", Dtype.F16, Rows, Columns),
                new("sparse.f16", Dtype.F16, [Rows, Columns], Elements.OfFloats(sparse, Dtype.F16)),
                new("constant.f32", Dtype.F32, [2048], Elements.OfFloats(Enumerable.Repeat(1.0, 2048).ToArray(), Dtype.F32)),
                Special(ref random, "special.f32", Dtype.F32, [0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0xFFD2_3456, 0x7F80_0001, 0, 0x8000_0000, 1, 0x807F_FFFF]),
                Special(ref random, "special.f16", Dtype.F16, [0x7C00, 0xFC00, 0x7E01, 0xFE12, 0x7C01, 0, 0x8000, 1, 0x83FF]),
                Special(ref random, "special.bf16", Dtype.BF16, [0x7F80, 0xFF80, 0x7FC1, 0xFFD2, 0x7F81, 0, 0x8000, 1, 0x807F]),
                new("widened.f32", Dtype.F32, [Rows, Columns], widened),
            ]);
    }

    /// <summary>Bit patterns (infinities, NaNs with payload, zeros of both signs, subnormals) among ordinary values.</summary>
    private static SafetensorsTensor Special(ref SplitMix64 random, string name, Dtype dtype, long[] patterns)
    {
        const int Rows = 4, Columns = 32, At = 17;
        byte[] data = Elements.OfFloats(Bell.Matrix(ref random, Rows, Columns, 1), dtype);
        Elements.OfIntegers(patterns, dtype).CopyTo(data, At * dtype.BitWidth() / 8);
        return new SafetensorsTensor(name, dtype, [Rows, Columns], data);
    }

    private static SmallModel Quantised()
    {
        const int Rows = 96, Columns = 128;
        var random = new SplitMix64(4);
        long[] bytes = Elements.Quantise(Bell.Matrix(ref random, Rows, Columns, Sigma), Columns, 127, out double[] byteScales);
        long[] nibbles = Elements.Quantise(Bell.Matrix(ref random, Rows, Columns, Sigma), Columns, 7, out double[] nibbleScales);
        for (int i = 0; i < nibbles.Length; i++)
        {
            nibbles[i] += 8;
        }

        long[] ids = new long[512];
        for (int i = 1; i < ids.Length; i++)
        {
            ids[i] = ids[i - 1] + random.Below(9);
        }

        return File(
            "quantised.safetensors",
            "INT8 with F32 scales, 4-bit packed eight to an I32 with F16 scales, ascending I64 ids, a boolean mask",
            [
                new("int8.weight", Dtype.I8, [Rows, Columns], Elements.OfIntegers(bytes, Dtype.I8)),
                new("int8.scales", Dtype.F32, [Rows], Elements.OfFloats(byteScales, Dtype.F32)),
                new("int4.qweight", Dtype.I32, [Rows, Columns / 8], Elements.OfIntegers(nibbles, Dtype.U4)),
                new("int4.scales", Dtype.F16, [Rows], Elements.OfFloats(nibbleScales, Dtype.F16)),
                new("ids", Dtype.I64, [512], Elements.OfIntegers(ids, Dtype.I64)),
                Tensor(ref random, "mask", Dtype.Bool, 32, 64),
            ]);
    }

    /// <summary>A model folder as model hubs lay it out: two shards, the index that joins them, a configuration.</summary>
    private static IEnumerable<SmallModel> Sharded()
    {
        const string FirstShard = "model-00001-of-00002.safetensors", SecondShard = "model-00002-of-00002.safetensors";
        var random = new SplitMix64(5);
        SafetensorsTensor[] first = [Tensor(ref random, "model.embed_tokens.weight", Dtype.BF16, 128, 64), .. Layer(ref random, 0, Dtype.BF16, 64)];
        SafetensorsTensor[] second = [.. Layer(ref random, 1, Dtype.BF16, 64), Tensor(ref random, "lm_head.weight", Dtype.BF16, 128, 64)];
        IEnumerable<(string Name, string Shard)> map =
            [.. first.Select(tensor => (tensor.Info.Name, FirstShard)), .. second.Select(tensor => (tensor.Info.Name, SecondShard))];
        IEnumerable<string> entries = map.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => $"    \"{entry.Name}\": \"{entry.Shard}\"");
        long total = first.Concat(second).Sum(tensor => tensor.ByteLength);
        string index = $"{{\n  \"metadata\": {{\n    \"total_size\": {total}\n  }},\n  \"weight_map\": {{\n{string.Join(",\n", entries)}\n  }}\n}}\n";
        const string Configuration = "{\n  \"hidden_size\": 64,\n  \"num_hidden_layers\": 2,\n  \"torch_dtype\": \"bfloat16\",\n  \"vocab_size\": 128\n}\n";
        return
        [
            File($"sharded/{FirstShard}", "first half of a model in two files", first),
            File($"sharded/{SecondShard}", "second half", second),
            new SmallModel("sharded/model.safetensors.index.json", "which tensor is in which half", Encoding.UTF8.GetBytes(index)),
            new SmallModel("sharded/config.json", "a side file", Encoding.UTF8.GetBytes(Configuration)),
        ];
    }

    private static SmallModel Tied()
    {
        var random = new SplitMix64(6);
        SafetensorsTensor embedding = Tensor(ref random, "model.embed_tokens.weight", Dtype.BF16, 48, 64);
        return File(
            "tied.safetensors",
            "BF16 with one matrix under two names, as tied embeddings are stored, and another of the same shape",
            [
                embedding,
                embedding with { Info = embedding.Info with { Name = "lm_head.weight" } },
                Tensor(ref random, "model.layers.0.mlp.up_proj.weight", Dtype.BF16, 48, 64),
            ]);
    }

    private static SafetensorsTensor[] Layer(ref SplitMix64 random, int layer, Dtype dtype, int hidden)
    {
        string prefix = $"model.layers.{layer}";
        double[] norm = Bell.Matrix(ref random, 1, hidden, 0.01);
        for (int i = 0; i < norm.Length; i++)
        {
            norm[i] += 1;
        }

        return
        [
            Tensor(ref random, $"{prefix}.self_attn.q_proj.weight", dtype, hidden, hidden),
            Tensor(ref random, $"{prefix}.self_attn.k_proj.weight", dtype, hidden / 4, hidden),
            Tensor(ref random, $"{prefix}.self_attn.v_proj.weight", dtype, hidden / 4, hidden),
            Tensor(ref random, $"{prefix}.self_attn.o_proj.weight", dtype, hidden, hidden),
            Tensor(ref random, $"{prefix}.mlp.up_proj.weight", dtype, hidden * 2, hidden),
            Tensor(ref random, $"{prefix}.mlp.down_proj.weight", dtype, hidden, hidden * 2),
            new($"{prefix}.input_layernorm.weight", dtype, [(ulong)hidden], Elements.OfFloats(norm, dtype)),
        ];
    }

    private static SafetensorsTensor Tensor(ref SplitMix64 random, string name, Dtype dtype, int rows, int columns) =>
        new(name, dtype, [(ulong)rows, (ulong)columns], Weights(ref random, dtype, rows, columns));

    private static byte[] Weights(ref SplitMix64 random, Dtype dtype, int rows, int columns)
    {
        long[] integers = new long[rows * columns];
        switch (dtype)
        {
            case Dtype.Bool:
                // Runs, as masks have them.
                for (int i = 1; i < integers.Length; i++)
                {
                    integers[i] = random.Below(12) == 0 ? 1 - integers[i - 1] : integers[i - 1];
                }

                return Elements.OfIntegers(integers, dtype);
            case Dtype.U8 or Dtype.I8 or Dtype.I16 or Dtype.I32 or Dtype.I64:
                int middle = dtype == Dtype.U8 ? 128 : 0;
                for (int i = 0; i < integers.Length; i++)
                {
                    integers[i] = middle + (int)(Bell.Next(ref random) * 20);
                }

                return Elements.OfIntegers(integers, dtype);
            case Dtype.U16 or Dtype.U32 or Dtype.U64:
                // Ascending offsets.
                for (int i = 1; i < integers.Length; i++)
                {
                    integers[i] = integers[i - 1] + random.Below(40);
                }

                return Elements.OfIntegers(integers, dtype);
            case Dtype.C64:
                return Elements.OfFloats(Bell.Matrix(ref random, rows, columns * 2, Sigma), Dtype.F32);
            case Dtype.F6E2M3 or Dtype.F6E3M2 or Dtype.F4:
                // Microscaling keeps values near 1 and the scale apart.
                return Elements.OfFloats(Bell.Matrix(ref random, rows, columns, 1), dtype);
            case Dtype.F8E8M0:
                double[] scales = Bell.Matrix(ref random, rows, columns, Sigma);
                for (int i = 0; i < scales.Length; i++)
                {
                    scales[i] = Math.Abs(scales[i]);
                }

                return Elements.OfFloats(scales, dtype);
            default:
                return Elements.OfFloats(Bell.Matrix(ref random, rows, columns, Sigma), dtype);
        }
    }

    private static SmallModel File(string name, string about, IEnumerable<SafetensorsTensor> tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, SafetensorsWriter.PyTorchMetadata);
        return new SmallModel(name, about, stream.ToArray());
    }
}
