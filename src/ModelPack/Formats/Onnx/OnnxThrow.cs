using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Formats.Onnx;

/// <summary>Throw helpers of the ONNX room.</summary>
internal static class OnnxThrow
{
    /// <summary>The bytes break a rule of the Protocol Buffers wire format or of onnx.proto.</summary>
    [DoesNotReturn]
    public static void Corrupt(string reason, long offset, Exception? cause = null) =>
        throw new ModelPackException(ModelPackError.Corrupt, $"ONNX: {reason}", offset: offset, innerException: cause);

    /// <summary>The file is over a limit of <see cref="OnnxLimits"/>.</summary>
    [DoesNotReturn]
    public static void OverLimit(string what, long limit, long offset) =>
        throw new ModelPackException(ModelPackError.Unsupported, $"ONNX: more than {limit} {what}", offset: offset);
}
