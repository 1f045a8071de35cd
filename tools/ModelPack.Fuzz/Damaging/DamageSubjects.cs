using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Damaging;

/// <summary>
/// Containers of every kind: each coder, each level, one file and several, in parts, with repeats, and as the difference to a base;
/// each small, so that every bit can be tried, and larger.
/// </summary>
internal static class DamageSubjects
{
    private const int LargerValues = 12_288;

    public static IEnumerable<DamageSubject> All()
    {
        string folder = Directory.CreateTempSubdirectory("modelpack-damage-").FullName;
        try
        {
            foreach (PlaneCoder coder in Enum.GetValues<PlaneCoder>())
            {
                var options = new PackOptions { ForcedCoder = coder, RecordsTimes = false };
                yield return Of($"{coder}, small", folder, Model(folder, DamageModels.Tiny(1)), options);
                yield return Of($"{coder}", folder, Model(folder, DamageModels.Mixed(LargerValues, 2)), options);
            }

            foreach (PackLevel level in Enum.GetValues<PackLevel>())
            {
                yield return Of($"level {level}", folder, Model(folder, DamageModels.Mixed(LargerValues, 3)), new PackOptions { Level = level, Sha256 = true });
            }

            yield return Of("empty file", folder, Model(folder, []), new PackOptions());
            yield return Of("repeats, small", folder, Model(folder, SmallRepeating()), new PackOptions());
            yield return Of("repeats", folder, Model(folder, Repeating(16_384)), new PackOptions());
            yield return Of("folder, small", folder, SmallFolder(folder), new PackOptions { Sha256 = true });
            yield return Of("folder", folder, LargerFolder(folder), new PackOptions { Sha256 = true });
            yield return Of("ONNX and data files", folder, Path.Combine(SeedModels.Base, "..", "external", "model.onnx"), new PackOptions());
            yield return Of("difference, small", folder, Model(folder, SmallDifference()), new PackOptions { Base = SeedModels.Base });
            yield return Of("difference", folder, Model(folder, Difference()), new PackOptions { Base = SeedModels.Base });
            yield return Of("in parts", folder, Model(folder, DamageModels.Mixed(4 * LargerValues, 4)), new PackOptions { SplitLength = PackOptions.LeastSplitLength });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static DamageSubject Of(string name, string folder, string source, PackOptions options)
    {
        string target = Path.Combine(folder, "c.mpk");
        ModelPacker.Pack(source, target, options with { Overwrite = true, FlushToDisk = false, Threads = 1 });
        List<byte[]> files = [File.ReadAllBytes(target)];
        for (string part; options.SplitLength is not null && File.Exists(part = DamageSubject.FileName(target, files.Count));)
        {
            files.Add(File.ReadAllBytes(part));
        }

        return new DamageSubject(name, files, options.Base is not null);
    }

    private static string Model(string folder, byte[] bytes)
    {
        string path = Path.Combine(folder, "m.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Repeating(int values)
    {
        var random = new Random(5);
        byte[] first = DamageModels.BFloat16(random, values), second = DamageModels.BFloat16(random, values);
        return DamageModels.Safetensors(
            ("a", "BF16", [values], first), ("b", "BF16", [values], second), ("a again", "BF16", [values], first), ("b again", "BF16", [values], second));
    }

    /// <summary>Two tensors long enough for blocks of their own, and short when packed.</summary>
    private static byte[] SmallRepeating()
    {
        byte[] data = [.. Enumerable.Range(0, 16_384).Select(static i => (byte)(i % 61))];
        return DamageModels.Safetensors(("a", "F32", [4096], data), ("b", "F32", [4096], data));
    }

    /// <summary>A tensor of the base with a few bits changed.</summary>
    private static byte[] SmallDifference()
    {
        (string Name, string Dtype, int[] Shape, byte[] Data) tensor = BaseTensors().MaxBy(static tensor => tensor.Data.Length);
        for (int i = 0; i < tensor.Data.Length; i += 501)
        {
            tensor.Data[i] ^= 1;
        }

        return DamageModels.Safetensors(tensor);
    }

    /// <summary>All tensors of the base with many bits changed, and one that the base has not.</summary>
    private static byte[] Difference()
    {
        var random = new Random(9);
        (string, string, int[], byte[] Data)[] tensors = [.. BaseTensors()];
        foreach (byte[] data in tensors.Select(static tensor => tensor.Data))
        {
            for (int i = 0; i < data.Length; i += 2)
            {
                data[i] ^= (byte)random.Next(16);
            }
        }

        return DamageModels.Safetensors([.. tensors, ("new", "BF16", [LargerValues], DamageModels.BFloat16(random, LargerValues))]);
    }

    private static List<(string Name, string Dtype, int[] Shape, byte[] Data)> BaseTensors()
    {
        using PackedModel model = PackedModel.Open(Packed(Path.Combine(SeedModels.Base, "base.safetensors")));
        var tensors = new List<(string, string, int[], byte[])>();
        foreach (PackedTensor tensor in model.Tensors)
        {
            byte[] data = new byte[tensor.Length];
            model.ReadTensor(tensor, data);
            tensors.Add((tensor.Info.Name, tensor.Info.Dtype.ToString(), [.. tensor.Info.Shape.Select(static size => (int)size)], data));
        }

        return tensors;
    }

    private static byte[] Packed(string path)
    {
        using var packed = new MemoryStream();
        ModelPacker.Pack(path, packed);
        return packed.ToArray();
    }

    private static string SmallFolder(string folder)
    {
        string path = Path.Combine(folder, "small");
        Directory.CreateDirectory(Path.Combine(path, "empty"));
        File.WriteAllText(Path.Combine(path, "config.json"), "{}");
        File.WriteAllBytes(Path.Combine(path, "nothing"), []);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Combine(path, "latest"), "config.json");
            File.SetUnixFileMode(Path.Combine(path, "config.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static string LargerFolder(string folder)
    {
        string path = Path.Combine(folder, "larger");
        Directory.CreateDirectory(Path.Combine(path, "onnx"));
        File.WriteAllBytes(Path.Combine(path, "model-1.safetensors"), DamageModels.Mixed(LargerValues / 2, 6));
        File.WriteAllBytes(Path.Combine(path, "model-2.safetensors"), DamageModels.Mixed(LargerValues / 2, 7));
        File.WriteAllBytes(Path.Combine(path, "onnx", "model.onnx"), File.ReadAllBytes(Path.Combine(SeedModels.Base, "..", "conv_f16.onnx")));
        File.WriteAllBytes(Path.Combine(path, "tokenizer.bin"), DamageModels.Noise(3000, 8));
        File.WriteAllText(Path.Combine(path, "config.json"), "{\"hidden\": 64}");
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Combine(path, "onnx", "config.json"), "../config.json");
        }

        return path;
    }
}
