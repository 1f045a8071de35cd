using ModelPack.TestModels.Onnx;
using static ModelPack.TestModels.Generation.OnnxBuilder;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Generation;

/// <summary>
/// A small ONNX model with its weights in three data files, and all that such files may have: bytes that two tensors share,
/// an offset that is no multiple of the element, bytes that no tensor has (in front, between and behind), a file without
/// offset and length, one in a folder, and one that a second model uses, too. Both models load and run in ONNX Runtime.
/// </summary>
internal static class ExternalDataModel
{
    public const string Folder = "external";

    private const int Inputs = 64, Hidden = 96, Outputs = 32;
    private const double Sigma = 0.1;

    public static IEnumerable<SmallModel> Files()
    {
        var random = new SplitMix64(17);
        byte[] first = Elements.OfFloats(Bell.Matrix(ref random, Inputs, Hidden, Sigma), Dtype.F32);
        byte[] bias = Elements.OfFloats(Bell.Matrix(ref random, 1, Hidden, Sigma), Dtype.F32);
        byte[] second = Elements.OfFloats(Bell.Matrix(ref random, Hidden, Outputs, Sigma), Dtype.F16);
        byte[] third = Elements.OfFloats(Bell.Matrix(ref random, Outputs, Outputs, Sigma), Dtype.BF16);

        // A header that no tensor has, the matrix, 5 bytes more so that the bias starts off any boundary, and a tail.
        byte[] weights = [.. Filler(256, 1), .. first, .. Filler(5, 2), .. bias, .. Filler(11, 3)];
        byte[] shared = [.. third, .. Filler(64, 4)];
        SmallModel model = Model($"{Folder}/model.onnx", "F32, F16 and BF16 weights in three data files", Graph(
            "external",
            [
                Node("MatMul", ["x", "w1"], "h1"),
                Node("MatMul", ["x", "w1_again"], "h2"),
                Node("Sum", ["h1", "h2", "b1"], "h"),
                Node("Tanh", ["h"], "t"),
                Node("Cast", ["w2"], "wide2", Attribute("to", (long)DataType.Float)),
                Node("MatMul", ["t", "wide2"], "m"),
                Node("Cast", ["w3"], "wide3", Attribute("to", (long)DataType.Float)),
                Node("MatMul", ["m", "wide3"], "y"),
            ],
            [
                Elsewhere("w1", DataType.Float, "weights.bin", 256, first.Length, Inputs, Hidden),
                Elsewhere("w1_again", DataType.Float, "weights.bin", 256, first.Length, Inputs, Hidden),
                Elsewhere("b1", DataType.Float, "weights.bin", 256 + first.Length + 5, bias.Length, Hidden),
                Elsewhere("w2", DataType.Float16, "data/half.bin", null, null, Hidden, Outputs),
                Elsewhere("w3", DataType.Bfloat16, "shared.bin", null, third.Length, Outputs, Outputs),
            ],
            [Value("x", DataType.Float, -1, Inputs)],
            [Value("y", DataType.Float, -1, Outputs)]));
        SmallModel tail = Model($"{Folder}/tail.onnx", "a second model that uses one of the data files", Graph(
            "tail",
            [
                Node("Cast", ["w"], "wide", Attribute("to", (long)DataType.Float)),
                Node("MatMul", ["x", "wide"], "y"),
            ],
            [Elsewhere("w", DataType.Bfloat16, "shared.bin", 0, third.Length, Outputs, Outputs)],
            [Value("x", DataType.Float, -1, Outputs)],
            [Value("y", DataType.Float, -1, Outputs)]));
        return
        [
            new SmallModel($"{Folder}/data/half.bin", "data file: F16 weights and nothing else", second),
            model,
            new SmallModel($"{Folder}/shared.bin", "data file of two models: BF16 weights, then bytes of no tensor", shared),
            tail,
            new SmallModel($"{Folder}/weights.bin", "data file: F32 weights of two tensors, a bias off any boundary, bytes of no tensor", weights),
        ];
    }

    private static TensorProto Elsewhere(string name, DataType type, string location, long? offset, long? length, params long[] dims)
    {
        TensorProto tensor = Typed(name, type, dims);
        ExternalData.Refer(tensor, location, offset, length);
        return tensor;
    }

    private static byte[] Filler(int count, byte start)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)(start + (17 * i));
        }

        return bytes;
    }
}
