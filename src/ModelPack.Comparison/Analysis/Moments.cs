using System.Numerics.Tensors;

namespace ModelPack.Comparison.Analysis;

/// <summary>Least, largest, mean and standard deviation of numbers that come in parts (Chan, Golub and LeVeque's merging).</summary>
internal sealed class Moments
{
    // Squares stay below the largest double, and sums of 2^60 of them too.
    private const double MostBeforeScaling = 1e140;

    // A power of two, so that scaling rounds nothing that matters.
    private static readonly double Step = Math.ScaleB(1, 600);

    private double[] _scratch = [];
    private double _scale = 1;
    private double _mean;
    private double _squares;

    /// <summary>Numbers added.</summary>
    public double Count { get; private set; }

    public double Least { get; private set; } = double.PositiveInfinity;

    public double Largest { get; private set; } = double.NegativeInfinity;

    public double Mean => _mean * _scale;

    /// <summary>Of all numbers, not of a sample of them.</summary>
    public double StandardDeviation => Count == 0 ? 0 : Math.Sqrt(_squares / Count) * _scale;

    /// <summary>Adds numbers; all finite.</summary>
    public void Add(ReadOnlySpan<double> numbers)
    {
        if (numbers.IsEmpty)
        {
            return;
        }

        if (_scratch.Length < numbers.Length)
        {
            _scratch = new double[numbers.Length];
        }

        double least = TensorPrimitives.Min(numbers);
        double largest = TensorPrimitives.Max(numbers);
        Scale(Math.Max(Math.Abs(least), Math.Abs(largest)));
        Span<double> scaled = _scratch.AsSpan(0, numbers.Length);
        TensorPrimitives.Divide(numbers, _scale, scaled);
        double mean = TensorPrimitives.Sum<double>(scaled) / numbers.Length;
        TensorPrimitives.Subtract(scaled, mean, scaled);
        Merge(numbers.Length, mean, TensorPrimitives.SumOfSquares<double>(scaled), least, largest);
    }

    /// <summary>Adds one number several times.</summary>
    public void Add(double number, long times)
    {
        if (times > 0)
        {
            Scale(Math.Abs(number));
            Merge(times, number / _scale, 0, number, number);
        }
    }

    private void Merge(double count, double mean, double squares, double least, double largest)
    {
        double total = Count + count;
        double difference = mean - _mean;
        _mean += difference * (count / total);
        _squares += squares + (difference * difference * (Count * count / total));
        Count = total;
        Least = Math.Min(Least, least);
        Largest = Math.Max(Largest, largest);
    }

    private void Scale(double magnitude)
    {
        if (magnitude / _scale > MostBeforeScaling)
        {
            _scale *= Step;
            _mean /= Step;
            _squares = _squares / Step / Step;
        }
    }
}
