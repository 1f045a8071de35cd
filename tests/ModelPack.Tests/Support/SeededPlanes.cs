namespace ModelPack.Tests.Support;

/// <summary>Seeded byte planes of the kinds that models hold. The same arguments always give the same bytes.</summary>
internal static class SeededPlanes
{
    /// <summary>Names for <see cref="Make"/>.</summary>
    public static readonly string[] Kinds =
        ["constant", "two-values", "exponents", "exponents-with-outliers", "bell-int8", "uniform", "sparse", "text", "ramp", "runs", "scales"];

    /// <summary>Lengths around the edges of vectors, steps and blocks.</summary>
    public static readonly int[] Lengths =
        [1, 2, 3, 7, 8, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097, 20_000, 131_071, 131_072, 131_073];

    public static byte[] Make(string kind, int length, int seed = 1)
    {
        var random = new Random(HashCode(kind) ^ (seed * 7919) ^ length);
        byte[] plane = new byte[length];
        switch (kind)
        {
            case "constant":
                plane.AsSpan().Fill(0x3F);
                break;
            case "two-values":
                Fill(plane, () => random.Next(4) == 0 ? (byte)0xFF : (byte)0x00);
                break;
            case "exponents":
                Fill(plane, () => Exponent(random));
                break;
            case "exponents-with-outliers":
                Fill(plane, () => random.Next(50) == 0 ? (byte)random.Next(256) : Exponent(random));
                break;
            case "bell-int8":
                Fill(plane, () => (byte)(sbyte)Math.Clamp(Math.Round(Normal(random) * 24), -128, 127));
                break;
            case "uniform":
                random.NextBytes(plane);
                break;
            case "sparse":
                Fill(plane, () => random.Next(40) == 0 ? (byte)random.Next(1, 256) : (byte)0);
                break;
            case "text":
                byte[] words = "{\"dtype\":\"BF16\",\"shape\":[4096,1024],\"data_offsets\":[0,8388608]},"u8.ToArray();
                for (int i = 0; i < length; i++)
                {
                    plane[i] = random.Next(30) == 0 ? (byte)('0' + random.Next(10)) : words[i % words.Length];
                }

                break;
            case "ramp":
                for (int i = 0; i < length; i++)
                {
                    plane[i] = (byte)(i / 3);
                }

                break;
            case "runs":
                for (int i = 0; i < length;)
                {
                    int run = Math.Min(random.Next(1, 60), length - i);
                    plane.AsSpan(i, run).Fill((byte)random.Next(5));
                    i += run;
                }

                break;
            case "scales":
                // Exponents whose scale changes every 576 values, as in the output channels of 64 kernels of 3 x 3.
                int scale = 0;
                for (int i = 0; i < length; i++)
                {
                    scale = i % 576 == 0 ? random.Next(10) : scale;
                    plane[i] = (byte)(Exponent(random) - scale);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind");
        }

        return plane;
    }

    private static byte Exponent(Random random) => (byte)(122 - (int)Math.Min(40, -Math.Log2(Math.Max(Math.Abs(Normal(random)), 1e-12))));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void Fill(byte[] plane, Func<byte> next)
    {
        for (int i = 0; i < plane.Length; i++)
        {
            plane[i] = next();
        }
    }

    // string.GetHashCode differs from run to run.
    private static int HashCode(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
