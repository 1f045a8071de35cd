namespace ModelPack.TestModels.Training;

/// <summary>Numbers that are trained, by Adam (Kingma and Ba 2015): its square root and division round alike everywhere.</summary>
internal sealed class Parameters(int count)
{
    private const float FirstDecay = 0.9f, SecondDecay = 0.999f, Epsilon = 1e-8f;

    private readonly float[] _first = new float[count];
    private readonly float[] _second = new float[count];

    public float[] Values { get; } = new float[count];

    public float[] Gradient { get; } = new float[count];

    /// <summary>Takes a step against the gradient and clears that.</summary>
    /// <param name="rate">The learning rate, corrected for the averages' start at zero.</param>
    public void Step(float rate)
    {
        for (int i = 0; i < Values.Length; i++)
        {
            float gradient = Gradient[i];
            _first[i] = (FirstDecay * _first[i]) + ((1 - FirstDecay) * gradient);
            _second[i] = (SecondDecay * _second[i]) + ((1 - SecondDecay) * gradient * gradient);
            Values[i] -= rate * _first[i] / (MathF.Sqrt(_second[i]) + Epsilon);
            Gradient[i] = 0;
        }
    }

    /// <summary>The learning rate of a step, counted from 1, corrected for the averages' start at zero.</summary>
    public static float RateOf(float rate, int step)
    {
        double first = 1, second = 1;
        for (int i = 0; i < step; i++)
        {
            first *= FirstDecay;
            second *= SecondDecay;
        }

        return (float)(rate * Math.Sqrt(1 - second) / (1 - first));
    }

    /// <summary>Forgets the averages, as training that starts anew does.</summary>
    public void Restart()
    {
        Array.Clear(_first);
        Array.Clear(_second);
    }
}
