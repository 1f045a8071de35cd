using ModelPack.Coding;

namespace ModelPack.Comparison.Reporting;

/// <summary>The library's values under the names that reports have.</summary>
internal static class Naming
{
    public static string Of(PackLevel level) => level switch
    {
        PackLevel.Fast => "fast",
        PackLevel.Max => "max",
        _ => "default",
    };

    public static string Of(PlaneCoder coder) => (int)coder < PlaneCoders.Count ? PlaneCoders.Get((CoderId)coder).Name : $"coder {(int)coder}";

    public static string Of(ModelFormat format) => format switch
    {
        ModelFormat.Safetensors => "safetensors",
        ModelFormat.Onnx => "onnx",
        _ => "opaque",
    };

    public static string Of(TensorEncoding encoding) => encoding == TensorEncoding.Varint ? "varint" : "raw";
}
