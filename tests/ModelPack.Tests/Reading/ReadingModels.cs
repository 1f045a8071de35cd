using ModelPack.Tests.Support;

namespace ModelPack.Tests.Reading;

/// <summary>Containers of every kind that parts are read of, with what they restore.</summary>
internal sealed class ReadingModels : IDisposable
{
    /// <summary>Names for <see cref="Open"/>.</summary>
    public static readonly string[] Kinds = ["plain", "repeats", "base", "max"];

    private readonly TemporaryFolder _folder = new();

    /// <summary>Two equal tensors of several blocks, large ones of other dtypes, and small ones that share blocks.</summary>
    public static byte[] Original { get; } = SmallModels.Safetensors(
        [
            ("embed", "BF16", [700, 1024], SmallModels.BFloat16Weights(700 * 1024, 1)),
            .. Enumerable.Range(0, 200).Select(static i => ($"small.{i}", "F32", new[] { 300 }, SmallModels.Float32Weights(300, i))),
            ("ids", "I64", [20_000], SmallModels.Int64Ramp(20_000)),
            ("layer", "F32", [400, 512], SmallModels.Float32Weights(400 * 512, 2)),
            ("noise", "U8", [300_001], SeededPlanes.Make("uniform", 300_001)),
        ]);

    private static byte[] Tied { get; } = SmallModels.Safetensors(
        ("embed", "BF16", [300, 1024], SmallModels.BFloat16Weights(300 * 1024, 3)),
        ("a", "F32", [2048], SmallModels.Float32Weights(2048, 4)),
        ("layer", "BF16", [100, 1024], SmallModels.BFloat16Weights(100 * 1024, 5)),
        ("b", "F32", [2048], SmallModels.Float32Weights(2048, 4)),
        ("head", "BF16", [300, 1024], SmallModels.BFloat16Weights(300 * 1024, 3)));

    /// <summary>Opens a container of a kind.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="original">What it restores.</param>
    /// <param name="options">How to open it.</param>
    public PackedModel Open(string kind, out byte[] original, OpenOptions? options = null)
    {
        original = kind == "repeats" ? Tied : Original;
        options ??= new OpenOptions();
        if (kind == "base")
        {
            byte[] tuned = [.. original];
            for (int i = tuned.Length / 3; i < tuned.Length; i += 50)
            {
                tuned[i] ^= 1;
            }

            _folder.Write("base.safetensors", original);
            original = tuned;
            options = options with { Base = _folder["base.safetensors"] };
        }

        _folder.Write("m.safetensors", original);
        var pack = new PackOptions { Base = options.Base, Level = kind == "max" ? PackLevel.Max : PackLevel.Default, Overwrite = true };
        ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], pack);
        return PackedModel.Open(_folder["m.mpk"], options);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>An ONNX model whose one tensor is written as 30 packed fields of three elements.</summary>
    public static PackedModel OpenVarints(out byte[] original)
    {
        // TensorProto: dims = 90, data_type = INT32 (6), int32_data (5) 30 times, name = "w".
        byte[] tensor = [0x08, 90, 0x10, 6, .. Enumerable.Range(0, 30).SelectMany(static i => new byte[] { 0x2A, 3, (byte)(3 * i), (byte)((3 * i) + 1), (byte)((3 * i) + 2) }), 0x42, 1, (byte)'w'];
        byte[] graph = [0x2A, .. Varint(tensor.Length), .. tensor];
        original = [0x08, 10, 0x3A, .. Varint(graph.Length), .. graph];
        return PackedModel.Open(Packing.Pack(original, "m.onnx", new PackOptions { Strict = true }).AsMemory());
    }

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 128), (byte)(value >> 7)];
}
