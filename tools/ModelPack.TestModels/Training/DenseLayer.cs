using System.Numerics;

namespace ModelPack.TestModels.Training;

/// <summary>
/// A fully connected layer with what training needs. Sums run over whole rows, element by element in a fixed order, so that
/// the results do not depend on the width of the vectors: the same bits everywhere.
/// </summary>
internal sealed class DenseLayer
{
    private readonly float[] _transposed;
    private readonly float[] _outputGradient;

    public DenseLayer(int inputs, int outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
        Weights = new Parameters(inputs * outputs);
        Bias = new Parameters(outputs);
        _transposed = new float[inputs * outputs];
        _outputGradient = new float[outputs];
        Output = new float[outputs];
        InputGradient = new float[inputs];
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>A row for each input: what it adds to each output.</summary>
    public Parameters Weights { get; }

    public Parameters Bias { get; }

    /// <summary>What <see cref="Forward"/> computed.</summary>
    public float[] Output { get; }

    /// <summary>What <see cref="Backward"/> computed.</summary>
    public float[] InputGradient { get; }

    /// <summary>Computes the outputs; where they are to be rectified, negative ones become zero.</summary>
    public void Forward(ReadOnlySpan<float> input, bool rectify)
    {
        Bias.Values.CopyTo(Output, 0);
        for (int i = 0; i < Inputs; i++)
        {
            if (input[i] != 0)
            {
                AddScaled(Output, Weights.Values.AsSpan(i * Outputs, Outputs), input[i]);
            }
        }

        for (int o = 0; rectify && o < Outputs; o++)
        {
            Output[o] = Math.Max(0, Output[o]);
        }
    }

    /// <summary>Adds to the gradients of the parameters and computes those of the inputs.</summary>
    /// <param name="input">What <see cref="Forward"/> had.</param>
    /// <param name="gradient">Of the outputs.</param>
    /// <param name="rectified">Whether the outputs were rectified.</param>
    public void Backward(ReadOnlySpan<float> input, ReadOnlySpan<float> gradient, bool rectified)
    {
        for (int o = 0; o < Outputs; o++)
        {
            _outputGradient[o] = rectified && Output[o] <= 0 ? 0 : gradient[o];
        }

        AddScaled(Bias.Gradient, _outputGradient, 1);
        for (int i = 0; i < Inputs; i++)
        {
            if (input[i] != 0)
            {
                AddScaled(Weights.Gradient.AsSpan(i * Outputs, Outputs), _outputGradient, input[i]);
            }
        }

        Array.Clear(InputGradient);
        for (int o = 0; o < Outputs; o++)
        {
            if (_outputGradient[o] != 0)
            {
                AddScaled(InputGradient, _transposed.AsSpan(o * Inputs, Inputs), _outputGradient[o]);
            }
        }
    }

    /// <summary>To be called after the weights changed and before <see cref="Backward"/>.</summary>
    public void Transpose()
    {
        for (int i = 0; i < Inputs; i++)
        {
            for (int o = 0; o < Outputs; o++)
            {
                _transposed[(o * Inputs) + i] = Weights.Values[(i * Outputs) + o];
            }
        }
    }

    private static void AddScaled(Span<float> sums, ReadOnlySpan<float> values, float factor)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sums[i..]) + (new Vector<float>(values[i..]) * factor)).CopyTo(sums[i..]);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += values[i] * factor;
        }
    }
}
