using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Training;

/// <summary>How a base and a fine-tune of it are trained.</summary>
/// <param name="Width">Numbers in each hidden layer.</param>
/// <param name="Hidden">Hidden layers.</param>
/// <param name="BaseSteps">Steps of training of the base.</param>
/// <param name="TunedSteps">Steps of training of the fine-tune.</param>
/// <param name="TunedRate">Learning rate of the fine-tune; the base has 1e-3.</param>
internal sealed record FineTunePlan(int Width, int Hidden, int BaseSteps, int TunedSteps, float TunedRate);

/// <summary>
/// A network that learned one task, and the same network trained further on a task that resembles it with a small learning
/// rate: the differences are those of training, not noise added to weights.
/// </summary>
internal static class FineTune
{
    private const int Inputs = 32, Outputs = 16, Batch = 16;
    private const float BaseRate = 1e-3f;
    private const double TaskShift = 0.1;

    /// <summary>Trains both and writes them; mixed precision, as usual: the dtype is that of the files, training itself is F32.</summary>
    /// <param name="plan">How.</param>
    /// <param name="dtype">Of the files; the fine-tune starts from the base as saved.</param>
    /// <param name="report">Receives what was reached.</param>
    public static (byte[] Base, byte[] Tuned) Make(FineTunePlan plan, Dtype dtype, Action<string>? report = null)
    {
        var random = new SplitMix64(7);
        var teacher = new DenseNetwork(ref random, Inputs, Math.Min(plan.Width, 64), 2, Outputs);
        var network = new DenseNetwork(ref random, Inputs, plan.Width, plan.Hidden, Outputs);
        network.Train(teacher, ref random, plan.BaseSteps, Batch, BaseRate);
        report?.Invoke($"base: {network.ParameterCount} parameters, error {network.Error(teacher, random):F4} after {plan.BaseSteps} steps");
        network.Round(dtype);
        byte[] baseFile = Write(network, dtype);

        teacher.Shift(ref random, TaskShift);
        report?.Invoke($"base: error {network.Error(teacher, random):F4} on the task of the fine-tune");
        network.Train(teacher, ref random, plan.TunedSteps, Batch, plan.TunedRate);
        report?.Invoke($"fine-tune: error {network.Error(teacher, random):F4} after {plan.TunedSteps} steps");
        return (baseFile, Write(network, dtype));
    }

    private static byte[] Write(DenseNetwork network, Dtype dtype)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, network.Tensors(dtype), SafetensorsWriter.PyTorchMetadata);
        return stream.ToArray();
    }
}
