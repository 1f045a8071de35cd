namespace ModelPack.TestModels.Generation;

/// <summary>
/// Numbers distributed as trained weights are: bell-shaped in each channel, with a scale that differs from channel to channel.
/// Only integer arithmetic and the IEEE 754 operations that every machine rounds alike (multiply, scale by a power of two,
/// convert) are used, so the values are the same everywhere, to the last bit.
/// </summary>
internal static class Bell
{
    /// <summary>Channel scales are powers of 2^(1/8) within two octaves.</summary>
    public const int StepsPerOctave = 8;

    private const int MaxSteps = 2 * StepsPerOctave;

    private static readonly double[] OctaveSteps =
    [
        1.0, 1.0905077326652577, 1.189207115002721, 1.2968395546510096, 1.4142135623730951, 1.5422108254079407,
        1.681792830507429, 1.8340080864093424,
    ];

    /// <summary>
    /// Standard deviation 1 and mean 0, never zero: twelve uniform numbers added (Irwin and Hall), which leaves 36 random bits,
    /// more than the 24 that an F32 keeps.
    /// </summary>
    public static double Next(ref SplitMix64 random)
    {
        long sum = 0;
        for (int pair = 0; pair < 6; pair++)
        {
            ulong two = random.Next();
            sum += (uint)two + (long)(two >> 32);
        }

        return Math.ScaleB((sum - (6L << 32)) | 1, -32);
    }

    /// <summary>Values to draw from, where there are too many to be made one by one.</summary>
    /// <param name="seed">Where they come from.</param>
    /// <param name="length">How many.</param>
    public static double[] Table(ulong seed, int length)
    {
        var random = new SplitMix64(seed);
        double[] values = new double[length];
        foreach (ref double value in values.AsSpan())
        {
            value = Next(ref random);
        }

        return values;
    }

    /// <summary>A channel's scale in eighths of an octave, itself bell-shaped.</summary>
    public static int NextScale(ref SplitMix64 random) => Math.Clamp((int)(Next(ref random) * 5), -MaxSteps, MaxSteps);

    /// <summary>2^(steps / 8).</summary>
    public static double Scale(int steps) => Math.ScaleB(OctaveSteps[steps & (StepsPerOctave - 1)], steps >> 3);

    /// <summary>Weights of one matrix, channel after channel.</summary>
    /// <param name="random">Where randomness comes from.</param>
    /// <param name="channels">Rows, each with its own scale.</param>
    /// <param name="width">Values in a row.</param>
    /// <param name="sigma">Standard deviation before the channel's scale.</param>
    public static double[] Matrix(ref SplitMix64 random, int channels, int width, double sigma)
    {
        double[] values = new double[channels * width];
        for (int channel = 0; channel < channels; channel++)
        {
            double scale = sigma * Scale(NextScale(ref random));
            for (int i = 0; i < width; i++)
            {
                values[(channel * width) + i] = Next(ref random) * scale;
            }
        }

        return values;
    }
}
