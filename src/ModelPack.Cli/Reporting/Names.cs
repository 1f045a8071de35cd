namespace ModelPack.Cli.Reporting;

/// <summary>The library's values as users write and read them.</summary>
internal static class Names
{
    /// <summary>The coders under the names that <c>--coder</c> takes.</summary>
    public static (string Name, PlaneCoder Coder)[] Coders { get; } =
    [
        ("stored", PlaneCoder.Stored),
        ("constant", PlaneCoder.Constant),
        ("huffman", PlaneCoder.Huffman),
        ("lzw", PlaneCoder.Lzw),
        ("lane-ans", PlaneCoder.LaneAns),
        ("context-ans", PlaneCoder.ContextAns),
        ("lz", PlaneCoder.Lz),
    ];

    public static string Of(PlaneCoder coder)
    {
        (string? name, _) = Array.Find(Coders, entry => entry.Coder == coder);
        return name ?? $"coder {(int)coder}";
    }

    public static string Of(ModelFormat format) => format switch
    {
        ModelFormat.Safetensors => "safetensors",
        ModelFormat.Onnx => "onnx",
        ModelFormat.OnnxExternalData => "onnx-data",
        _ => "opaque",
    };

    public static string Of(TensorEncoding encoding) => encoding == TensorEncoding.Varint ? "varint" : "raw";

    /// <summary>A file without a name came through a pipe.</summary>
    public static string OfFile(string path) => path.Length > 0 ? path : "(unnamed)";
}
