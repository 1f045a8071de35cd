namespace ModelPack.Tests.Support;

/// <summary>Seeded weights of a layer whose outputs and inputs have scales of their own, as trained ones do.</summary>
internal static class ScaledWeights
{
    /// <summary>Elements of [outputs, inputs, taps].</summary>
    public static double[] Make(int outputs, int inputs, int taps, int seed = 1)
    {
        var random = new Random(seed);
        double[] inputScales = [.. Enumerable.Range(0, inputs).Select(_ => Math.Pow(2, 2 * random.NextDouble()))];
        double[] weights = new double[outputs * inputs * taps];
        for (int output = 0, i = 0; output < outputs; output++)
        {
            double scale = Math.Pow(2, -8 + (3 * random.NextDouble()));
            for (int input = 0; input < inputs; input++)
            {
                double ofTile = scale * inputScales[input] * Math.Pow(2, 2 * random.NextDouble());
                for (int tap = 0; tap < taps; tap++)
                {
                    weights[i++] = ofTile * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                }
            }
        }

        return weights;
    }

    public static byte[] AsFloat32(double[] weights) => [.. weights.SelectMany(static w => BitConverter.GetBytes((float)w))];

    public static byte[] AsBFloat16(double[] weights) => [.. weights.SelectMany(static w => BitConverter.GetBytes((float)w)[2..])];

    public static byte[] AsFloat16(double[] weights) => [.. weights.SelectMany(static w => BitConverter.GetBytes((Half)w))];

    /// <summary>Quantised with a zero point; the largest weight is 127 from it.</summary>
    public static byte[] AsIntegers(double[] weights, int zeroPoint)
    {
        double unit = weights.Max(Math.Abs) / 127;
        return [.. weights.Select(w => (byte)((int)Math.Round(w / unit) + zeroPoint))];
    }

    /// <summary>Exponents as in plane 0 of BF16 and F32, in natural order.</summary>
    public static byte[] AsRotatedExponents(double[] weights) =>
        [.. weights.Select(static w => (BitConverter.SingleToUInt32Bits((float)w) >> 23) & 0xFF).Select(static e => (byte)((e >> 1) | (e << 7)))];

    /// <summary>Exponents and top mantissa bits as in plane 0 of F16, in natural order.</summary>
    public static byte[] AsHalfExponents(double[] weights) =>
        [.. weights.Select(static w => (byte)((BitConverter.HalfToUInt16Bits((Half)w) >> 9) & 0x3F))];
}
