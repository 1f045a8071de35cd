using System.Buffers.Binary;

namespace ModelPack.Tests.Support;

/// <summary>The tensor of a Fourier transform as speech models hold it: cosines, then sines, of each frequency under a window.</summary>
internal static class SineTable
{
    /// <param name="length">Points of the transform; the table has (length + 2) × length floats.</param>
    public static byte[] OfFloat32(int length)
    {
        byte[] bytes = new byte[(length + 2) * length * sizeof(float)];
        Span<byte> to = bytes;
        for (int row = 0; row < length + 2; row++)
        {
            int frequency = row % ((length / 2) + 1);
            for (int column = 0; column < length; column++)
            {
                // An angle is taken to the first quarter of a turn, so that what is equal comes out equal on every platform.
                double window = 0.5 - (0.5 * Cosine(column, length));
                double wave = row <= length / 2 ? Cosine(frequency * column, length) : Cosine((frequency * column) - (length / 4), length);
                BinaryPrimitives.WriteSingleLittleEndian(to, (float)(window * wave));
                to = to[sizeof(float)..];
            }
        }

        return bytes;
    }

    private static double Cosine(int step, int steps)
    {
        step = ((step % steps) + steps) % steps;
        step = Math.Min(step, steps - step);
        return step > steps / 4 ? -Math.Cos(Math.Tau * ((steps / 2) - step) / steps) : Math.Cos(Math.Tau * step / steps);
    }
}
