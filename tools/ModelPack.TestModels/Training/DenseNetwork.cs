using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Numbers;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Training;

/// <summary>A network of fully connected layers, rectified but for the last, with equal hidden layers.</summary>
internal sealed class DenseNetwork
{
    private readonly DenseLayer[] _layers;

    /// <param name="random">Where the first weights come from.</param>
    /// <param name="inputs">Numbers that go in.</param>
    /// <param name="width">Numbers in each hidden layer.</param>
    /// <param name="hidden">Hidden layers.</param>
    /// <param name="outputs">Numbers that come out.</param>
    public DenseNetwork(ref SplitMix64 random, int inputs, int width, int hidden, int outputs)
    {
        _layers = new DenseLayer[hidden + 1];
        for (int l = 0; l < _layers.Length; l++)
        {
            var layer = new DenseLayer(l == 0 ? inputs : width, l == hidden ? outputs : width);
            double sigma = Math.Sqrt(2.0 / layer.Inputs);
            for (int i = 0; i < layer.Weights.Values.Length; i++)
            {
                layer.Weights.Values[i] = (float)(Bell.Next(ref random) * sigma);
            }

            _layers[l] = layer;
        }
    }

    public int Inputs => _layers[0].Inputs;

    public int Outputs => _layers[^1].Outputs;

    /// <summary>Numbers that are trained.</summary>
    public int ParameterCount => _layers.Sum(static layer => layer.Weights.Values.Length + layer.Bias.Values.Length);

    public ReadOnlySpan<float> Run(ReadOnlySpan<float> input)
    {
        for (int l = 0; l < _layers.Length; l++)
        {
            _layers[l].Forward(l == 0 ? input : _layers[l - 1].Output, rectify: l < _layers.Length - 1);
        }

        return _layers[^1].Output;
    }

    /// <summary>The mean squared error of the answers to some questions.</summary>
    /// <param name="teacher">The network that knows the answers.</param>
    /// <param name="random">Where questions come from; the caller's generator stays as it is.</param>
    public double Error(DenseNetwork teacher, SplitMix64 random)
    {
        const int Questions = 1000;
        float[] input = new float[Inputs];
        double sum = 0;
        for (int question = 0; question < Questions; question++)
        {
            sum += Ask(teacher, ref random, input, gradient: null);
        }

        return sum / (Questions * Outputs);
    }

    /// <summary>Trains towards another network's answers to random questions.</summary>
    /// <param name="teacher">The network that knows the answers.</param>
    /// <param name="random">Where questions come from.</param>
    /// <param name="steps">Steps of training.</param>
    /// <param name="batch">Questions for each step.</param>
    /// <param name="rate">The learning rate.</param>
    public void Train(DenseNetwork teacher, ref SplitMix64 random, int steps, int batch, float rate)
    {
        foreach (DenseLayer layer in _layers)
        {
            layer.Weights.Restart();
            layer.Bias.Restart();
            layer.Transpose();
        }

        float[] input = new float[Inputs];
        float[] gradient = new float[Outputs];
        for (int step = 1; step <= steps; step++)
        {
            for (int question = 0; question < batch; question++)
            {
                Ask(teacher, ref random, input, gradient);
                for (int o = 0; o < gradient.Length; o++)
                {
                    gradient[o] *= 2f / (batch * gradient.Length);
                }

                Propagate(input, gradient);
            }

            float corrected = Parameters.RateOf(rate, step);
            foreach (DenseLayer layer in _layers)
            {
                layer.Weights.Step(corrected);
                layer.Bias.Step(corrected);
                layer.Transpose();
            }
        }
    }

    /// <summary>Moves each parameter by a bell-shaped part of itself: a task that resembles the one before.</summary>
    public void Shift(ref SplitMix64 random, double part)
    {
        foreach (float[] values in _layers.Select(static layer => layer.Weights.Values))
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] *= (float)(1 + (part * Bell.Next(ref random)));
            }
        }
    }

    /// <summary>Rounds all parameters to a dtype, as a model that is saved and loaded again.</summary>
    public void Round(Dtype dtype)
    {
        foreach (float[] values in _layers.SelectMany(static layer => new[] { layer.Weights.Values, layer.Bias.Values }))
        {
            byte[] rounded = Elements.OfFloats([.. values.Select(static value => (double)value)], dtype);
            byte[] widened = new byte[values.Length * sizeof(float)];
            FloatConversion.Convert(rounded, dtype, widened, Dtype.F32);
            Buffer.BlockCopy(widened, 0, values, 0, widened.Length);
        }
    }

    public IEnumerable<SafetensorsTensor> Tensors(Dtype dtype)
    {
        for (int l = 0; l < _layers.Length; l++)
        {
            DenseLayer layer = _layers[l];
            yield return Tensor($"layers.{l}.weight", [(ulong)layer.Inputs, (ulong)layer.Outputs], layer.Weights.Values, dtype);
            yield return Tensor($"layers.{l}.bias", [(ulong)layer.Outputs], layer.Bias.Values, dtype);
        }
    }

    private static SafetensorsTensor Tensor(string name, ulong[] shape, float[] values, Dtype dtype) =>
        new(name, dtype, [.. shape], Elements.OfFloats([.. values.Select(static value => (double)value)], dtype));

    /// <summary>Answers a random question and returns the sum of the squared errors; the gradient, if wanted, receives the errors.</summary>
    private double Ask(DenseNetwork teacher, ref SplitMix64 random, float[] input, float[]? gradient)
    {
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = (float)Bell.Next(ref random);
        }

        ReadOnlySpan<float> wanted = teacher.Run(input);
        ReadOnlySpan<float> output = Run(input);
        double sum = 0;
        for (int o = 0; o < output.Length; o++)
        {
            float error = output[o] - wanted[o];
            sum += error * error;
            if (gradient is not null)
            {
                gradient[o] = error;
            }
        }

        return sum;
    }

    private void Propagate(float[] input, float[] gradient)
    {
        for (int l = _layers.Length - 1; l >= 0; l--)
        {
            _layers[l].Backward(l == 0 ? input : _layers[l - 1].Output, l == _layers.Length - 1 ? gradient : _layers[l + 1].InputGradient, rectified: l < _layers.Length - 1);
        }
    }
}
