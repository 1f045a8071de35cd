namespace ModelPack.Fuzz.Targets;

/// <summary>Small planes of every kind that a coder treats in its own way.</summary>
internal static class SeedPlanes
{
    private static readonly int[] Lengths = [1, 7, 64, 65, 255, 256, 1000, 4096, 5000];

    public static IEnumerable<byte[]> All()
    {
        var random = new Random(20261124);
        foreach (int length in Lengths)
        {
            yield return Make(length, _ => 0x3C);
            yield return Make(length, _ => (byte)random.Next(256));
            yield return Make(length, _ => (byte)random.Next(3));
            yield return Make(length, _ => Bell(random, 120));
            yield return Make(length, i => Bell(random, 100 + (i / 256 * 8)));
            yield return Make(length, i => (byte)(i % 17 == 0 ? random.Next(256) : i % 5));
            yield return Make(length, i => (byte)"the quick brown fox jumps over the lazy dog, "[i % 45]);
        }
    }

    private static byte[] Make(int length, Func<int, byte> value)
    {
        byte[] plane = new byte[length];
        for (int i = 0; i < length; i++)
        {
            plane[i] = value(i);
        }

        return plane;
    }

    private static byte Bell(Random random, int centre)
    {
        double sum = 0;
        for (int i = 0; i < 6; i++)
        {
            sum += random.NextDouble() - 0.5;
        }

        return (byte)(centre + (4 * sum));
    }
}
