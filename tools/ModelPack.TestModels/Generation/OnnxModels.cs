using System.Text;
using Google.Protobuf;
using ModelPack.TestModels.Onnx;
using static ModelPack.TestModels.Generation.OnnxBuilder;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Generation;

/// <summary>The small ONNX models; each loads and runs in ONNX Runtime.</summary>
internal static class OnnxModels
{
    private const double Sigma = 0.1;

    public static IEnumerable<SmallModel> All() => [MlpF32(), ConvF16(), MatMulBf16(), QuantisedU8(), QuantisedInt4(), IfConstants(), TypedFields()];

    private static SmallModel MlpF32()
    {
        const int Inputs = 64, Hidden = 192, Outputs = 10;
        var random = new SplitMix64(11);
        TensorProto secondBias = Typed("b2", DataType.Float, Outputs);
        secondBias.FloatData.AddRange(Bell.Matrix(ref random, 1, Outputs, Sigma).Select(value => (float)value));
        return Model("mlp_f32.onnx", "two F32 layers; the second bias is in float_data", Graph(
            "mlp",
            [
                Node("Gemm", ["x", "w1", "b1"], "h", Attribute("transB", 1)),
                Node("Relu", ["h"], "r"),
                Node("Gemm", ["r", "w2", "b2"], "y", Attribute("transB", 1)),
            ],
            [
                Weights(ref random, "w1", DataType.Float, Dtype.F32, Hidden, Inputs),
                Weights(ref random, "b1", DataType.Float, Dtype.F32, Hidden),
                Weights(ref random, "w2", DataType.Float, Dtype.F32, Outputs, Hidden),
                secondBias,
            ],
            [Value("x", DataType.Float, -1, Inputs)],
            [Value("y", DataType.Float, -1, Outputs)]));
    }

    private static SmallModel ConvF16()
    {
        var random = new SplitMix64(12);

        // onnx.proto: F16 in int32_data is the bit pattern as an unsigned number.
        TensorProto secondBias = Typed("b2", DataType.Float16, 32);
        secondBias.Int32Data.AddRange(Bell.Matrix(ref random, 1, 32, Sigma).Select(value => (int)BitConverter.HalfToUInt16Bits((Half)value)));
        return Model("conv_f16.onnx", "two F16 convolutions and a pooling; the second bias is in int32_data", Graph(
            "conv",
            [
                Node("Conv", ["x", "w1", "b1"], "h", Attribute("pads", [1, 1, 1, 1])),
                Node("Relu", ["h"], "r"),
                Node("Conv", ["r", "w2", "b2"], "c", Attribute("pads", [1, 1, 1, 1])),
                Node("GlobalAveragePool", ["c"], "y"),
            ],
            [
                Weights(ref random, "w1", DataType.Float16, Dtype.F16, 24, 3, 3, 3),
                Weights(ref random, "b1", DataType.Float16, Dtype.F16, 24),
                Weights(ref random, "w2", DataType.Float16, Dtype.F16, 32, 24, 3, 3),
                secondBias,
            ],
            [Value("x", DataType.Float16, -1, 3, 16, 16)],
            [Value("y", DataType.Float16, -1, 32, 1, 1)]));
    }

    private static SmallModel MatMulBf16()
    {
        var random = new SplitMix64(13);
        return Model("matmul_bf16.onnx", "BF16 weights, cast to F32 where they are used", Graph(
            "matmul",
            [
                Node("Cast", ["w"], "wide", Attribute("to", (long)DataType.Float)),
                Node("MatMul", ["x", "wide"], "y"),
            ],
            [Weights(ref random, "w", DataType.Bfloat16, Dtype.BF16, 128, 96)],
            [Value("x", DataType.Float, -1, 128)],
            [Value("y", DataType.Float, -1, 96)]));
    }

    private static SmallModel QuantisedU8()
    {
        const int Inputs = 96, Outputs = 64;
        var random = new SplitMix64(14);
        long[] integers = Elements.Quantise(Bell.Matrix(ref random, Outputs, Inputs, Sigma), Inputs, 120, out double[] scales);
        long[] zeroPoints = new long[Outputs];
        for (int row = 0; row < Outputs; row++)
        {
            zeroPoints[row] = 124 + random.Below(8);
            for (int i = 0; i < Inputs; i++)
            {
                integers[(row * Inputs) + i] += zeroPoints[row];
            }
        }

        return Model("quantised_u8.onnx", "UINT8 weights with a scale and zero point for each channel, through DequantizeLinear", Graph(
            "quantised",
            [
                Node("DequantizeLinear", ["w", "scale", "zero"], "wide", Attribute("axis", 0)),
                Node("Gemm", ["x", "wide"], "y", Attribute("transB", 1)),
            ],
            [
                Raw("w", DataType.Uint8, [Outputs, Inputs], Elements.OfIntegers(integers, Dtype.U8)),
                Raw("scale", DataType.Float, [Outputs], Elements.OfFloats(scales, Dtype.F32)),
                Raw("zero", DataType.Uint8, [Outputs], Elements.OfIntegers(zeroPoints, Dtype.U8)),
            ],
            [Value("x", DataType.Float, -1, Inputs)],
            [Value("y", DataType.Float, -1, Outputs)]));
    }

    private static SmallModel QuantisedInt4()
    {
        const int Inputs = 128, Outputs = 48, Block = 32;
        var random = new SplitMix64(15);
        long[] integers = Elements.Quantise(Bell.Matrix(ref random, Outputs, Inputs, Sigma), Block, 7, out double[] scales);
        return Model("quantised_int4.onnx", "INT4 weights, two a byte, with a scale for every 32, through DequantizeLinear", Graph(
            "quantised",
            [
                Node("DequantizeLinear", ["w", "scale"], "wide", Attribute("axis", 1), Attribute("block_size", Block)),
                Node("Gemm", ["x", "wide"], "y", Attribute("transB", 1)),
            ],
            [
                Raw("w", DataType.Int4, [Outputs, Inputs], Elements.OfIntegers(integers, Dtype.I4)),
                Raw("scale", DataType.Float, [Outputs, Inputs / Block], Elements.OfFloats(scales, Dtype.F32)),
            ],
            [Value("x", DataType.Float, -1, Inputs)],
            [Value("y", DataType.Float, -1, Outputs)]));
    }

    private static SmallModel IfConstants()
    {
        const int Width = 32;
        var random = new SplitMix64(16);
        GraphProto thenBranch = Graph(
            "then",
            [Node("MatMul", ["x", "then_w"], "then_y")],
            [Weights(ref random, "then_w", DataType.Float, Dtype.F32, Width, Width)],
            [],
            [Value("then_y", DataType.Float, -1, Width)]);
        GraphProto elseBranch = Graph(
            "else",
            [
                Node("Constant", [], "else_w", Attribute("value", Weights(ref random, "", DataType.Float, Dtype.F32, Width, Width))),
                Node("Constant", [], "one", Attribute("value_float", 1f)),
                Node("MatMul", ["x", "else_w"], "else_m"),
                Node("Add", ["else_m", "one"], "else_y"),
            ],
            [],
            [],
            [Value("else_y", DataType.Float, -1, Width)]);
        return Model("if_constants.onnx", "an If whose branches hold weights, one as initializer, one as Constant attribute", Graph(
            "choice",
            [
                Node("If", ["choose"], "b", Attribute("then_branch", thenBranch), Attribute("else_branch", elseBranch)),
                Node("Constant", [], "shape", Attribute("value_ints", [-1L, Width / 2, 2])),
                Node("Reshape", ["b", "shape"], "y"),
            ],
            [],
            [Value("choose", DataType.Bool), Value("x", DataType.Float, -1, Width)],
            [Value("y", DataType.Float, -1, Width / 2, 2)]));
    }

    /// <summary>Each typed field of TensorProto, with every type it may hold that ONNX Runtime hands through Identity.</summary>
    private static SmallModel TypedFields()
    {
        TensorProto f32 = Typed("f32", DataType.Float, 2, 3);
        f32.FloatData.AddRange([0f, -0f, 1.5f, -2.25f, 3.4028235e38f, 1e-45f]);
        TensorProto f64 = Typed("f64", DataType.Double, 3);
        f64.DoubleData.AddRange([0.1, -1e300, 5e-324]);
        TensorProto i64 = Typed("i64", DataType.Int64, 5);
        i64.Int64Data.AddRange([0, 1, -1, long.MaxValue, long.MinValue]);
        TensorProto u64 = Typed("u64", DataType.Uint64, 3);
        u64.Uint64Data.AddRange([0, 300, ulong.MaxValue]);
        TensorProto u32 = Typed("u32", DataType.Uint32, 3);
        u32.Uint64Data.AddRange([1, 128, uint.MaxValue]);
        TensorProto text = Typed("text", DataType.String, 2);
        text.StringData.AddRange([ByteString.CopyFrom("weights", Encoding.UTF8), ByteString.CopyFrom("Gewichte", Encoding.UTF8)]);
        TensorProto[] tensors =
        [
            f32,
            f64,
            i64,
            u64,
            u32,
            text,
            Int32Field("i32", DataType.Int32, 0, -1, 127, 128, int.MaxValue, int.MinValue),
            Int32Field("i16", DataType.Int16, -32768, 32767, -1),
            Int32Field("u16", DataType.Uint16, 0, 65535, 300),
            Int32Field("i8", DataType.Int8, -128, 127, -1),
            Int32Field("u8", DataType.Uint8, 0, 255, 128),
            Int32Field("bool", DataType.Bool, 1, 0, 1),
            Int32Field("f16", DataType.Float16, 0x3C00, 0xC000, 0x7BFF),
            Int32Field("bf16", DataType.Bfloat16, 0x3F80, 0xC000, 0x7F7F),
        ];
        return Model("typed_fields.onnx", "tensors in float_data, double_data, int32_data, int64_data, uint64_data and string_data", Graph(
            "fields",
            [.. tensors.Select(tensor => Node("Identity", [tensor.Name], $"{tensor.Name}_out"))],
            tensors,
            [],
            [.. tensors.Select(tensor => Value($"{tensor.Name}_out", (DataType)tensor.DataType, [.. tensor.Dims]))]));
    }

    private static TensorProto Int32Field(string name, DataType type, params int[] values)
    {
        TensorProto tensor = Typed(name, type, values.Length);
        tensor.Int32Data.AddRange(values);
        return tensor;
    }

    /// <summary>Weights in <c>raw_data</c>; the first dimension counts the channels.</summary>
    private static TensorProto Weights(ref SplitMix64 random, string name, DataType type, Dtype dtype, params int[] shape)
    {
        int width = shape.Skip(1).Aggregate(1, (product, size) => product * size);
        long[] dims = [.. shape.Select(size => (long)size)];
        return Raw(name, type, dims, Elements.OfFloats(Bell.Matrix(ref random, shape[0], width, Sigma), dtype));
    }
}
