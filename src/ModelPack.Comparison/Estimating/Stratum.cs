using ModelPack.Pipeline;

namespace ModelPack.Comparison.Estimating;

/// <summary>Blocks that are alike: those of one dtype, or those that small tensors and structure share.</summary>
/// <param name="name">The dtype, or what else they are.</param>
internal sealed class Stratum(string name)
{
    /// <summary>Blocks that a stratum gives at least, where it has them: fewer tell nothing of how they differ.</summary>
    private const int LeastSample = 12;

    // Of a normal distribution, 95 % lie within; of Student's, with few degrees of freedom, within about so many times as much.
    private const double Interval = 1.96;
    private const double SmallSample = 1.3;

    private readonly List<(long Original, long Packed)> _sample = [];

    public string Name => name;

    /// <summary>Blocks in all.</summary>
    public int Blocks { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Blocks to take.</summary>
    public int SampleSize { get; private set; }

    /// <summary>Counts a block and returns its number in the stratum.</summary>
    public int Add(BlockPlan plan)
    {
        Bytes += plan.Length;
        return Blocks++;
    }

    /// <summary>Decides how many blocks to take, when a part of all is wanted.</summary>
    public void Plan(double share) => SampleSize = Math.Min(Blocks, Math.Max(LeastSample, (int)Math.Ceiling(Blocks * share)));

    /// <summary>The numbers of the blocks to take: at equal distances, from a place that the seed decides.</summary>
    public IEnumerable<int> Choose(Random random)
    {
        double start = random.NextDouble();
        for (int i = 0; i < SampleSize; i++)
        {
            yield return Math.Min(Blocks - 1, (int)((start + i) * Blocks / SampleSize));
        }
    }

    /// <summary>Adds a coded block, in the order of their numbers.</summary>
    public void AddSample(long original, long packed) => _sample.Add((original, packed));

    /// <summary>Packed ÷ original of the sample.</summary>
    public double Ratio => (double)_sample.Sum(static block => block.Packed) / _sample.Sum(static block => block.Original);

    /// <summary>The expected packed bytes.</summary>
    public double Packed => Ratio * Bytes;

    /// <summary>
    /// Half of the 95 % interval of <see cref="Packed"/>. Neighbours in the file are alike, so the differences between neighbours
    /// in the sample tell how far it may be off; and what is in the sample is not off at all.
    /// </summary>
    public double HalfInterval
    {
        get
        {
            if (_sample.Count == Blocks || _sample.Count < 2)
            {
                return _sample.Count == Blocks ? 0 : Bytes;
            }

            double ratio = Ratio;
            double squares = 0;
            for (int i = 1; i < _sample.Count; i++)
            {
                double step = (_sample[i].Packed - (ratio * _sample[i].Original)) - (_sample[i - 1].Packed - (ratio * _sample[i - 1].Original));
                squares += step * step;
            }

            double variance = squares / (2 * (_sample.Count - 1)) / _sample.Count * (1 - ((double)_sample.Count / Blocks));
            return Interval * (1 + (SmallSample / (_sample.Count - 1))) * Math.Sqrt(variance) * Blocks;
        }
    }
}
