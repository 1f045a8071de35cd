using Microsoft.ML.OnnxRuntime;

namespace ModelPack.TestModels.Tests.Support;

/// <summary>Runs models in ONNX Runtime.</summary>
internal static class Inference
{
    /// <summary>The bytes of the first output for inputs of ones and the like, made from their places.</summary>
    public static float[] Run(string model)
    {
        using var session = new InferenceSession(model);
        (string name, NodeMetadata input) = session.InputMetadata.Single();
        long[] shape = [.. input.Dimensions.Select(size => (long)Math.Max(1, size))];
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(i => ((i * 7 % 11) - 5) / 8f)];
        using OrtValue value = input.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float16
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, static v => (Float16)v), shape)
            : OrtValue.CreateTensorValueFromMemory(values, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [name], [value], [session.OutputNames[0]]);
        return outputs[0].GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float16
            ? [.. outputs[0].GetTensorDataAsSpan<Float16>().ToArray().Select(static v => (float)v)]
            : outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
