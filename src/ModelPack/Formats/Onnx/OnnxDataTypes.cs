namespace ModelPack.Formats.Onnx;

/// <summary>
/// <c>TensorProto.DataType</c> of onnx.proto: the dtype of each value, and the one typed field that may hold its
/// elements where <c>raw_data</c> does not (the comments at <c>float_data</c>, <c>int32_data</c> and so on).
/// </summary>
internal static class OnnxDataTypes
{
    // Indexed by the enum value. UNDEFINED (0) and STRING (8) have no fixed width.
    private static readonly (Dtype Dtype, int TypedField)[] Types =
    [
        (Dtype.None, 0),
        (Dtype.F32, OnnxSchema.FloatData),
        (Dtype.U8, OnnxSchema.Int32Data),
        (Dtype.I8, OnnxSchema.Int32Data),
        (Dtype.U16, OnnxSchema.Int32Data),
        (Dtype.I16, OnnxSchema.Int32Data),
        (Dtype.I32, OnnxSchema.Int32Data),
        (Dtype.I64, OnnxSchema.Int64Data),
        (Dtype.None, 0),
        (Dtype.Bool, OnnxSchema.Int32Data),
        (Dtype.F16, OnnxSchema.Int32Data),
        (Dtype.F64, OnnxSchema.DoubleData),
        (Dtype.U32, OnnxSchema.UInt64Data),
        (Dtype.U64, OnnxSchema.UInt64Data),
        (Dtype.C64, OnnxSchema.FloatData),
        (Dtype.C128, OnnxSchema.DoubleData),
        (Dtype.BF16, OnnxSchema.Int32Data),
        (Dtype.F8E4M3, OnnxSchema.Int32Data),
        (Dtype.F8E4M3Fnuz, OnnxSchema.Int32Data),
        (Dtype.F8E5M2, OnnxSchema.Int32Data),
        (Dtype.F8E5M2Fnuz, OnnxSchema.Int32Data),
        (Dtype.U4, OnnxSchema.Int32Data),
        (Dtype.I4, OnnxSchema.Int32Data),
        (Dtype.F4, OnnxSchema.Int32Data),
        (Dtype.F8E8M0, OnnxSchema.Int32Data),
        (Dtype.U2, OnnxSchema.Int32Data),
        (Dtype.I2, OnnxSchema.Int32Data),
    ];

    /// <summary>False for types without a fixed width and for values onnx.proto does not define yet.</summary>
    public static bool TryFind(int dataType, out Dtype dtype, out int typedField)
    {
        (dtype, typedField) = (uint)dataType < (uint)Types.Length ? Types[dataType] : default;
        return dtype != Dtype.None;
    }
}
