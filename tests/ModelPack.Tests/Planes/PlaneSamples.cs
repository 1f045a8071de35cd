using System.Buffers.Binary;
using ModelPack.Planes;

namespace ModelPack.Tests.Planes;

/// <summary>Seeded element bytes: random ones, mixed with every kind of special float.</summary>
internal static class PlaneSamples
{
    /// <summary>Element counts around the edges of vectors, groups and blocks.</summary>
    public static readonly int[] Counts =
        [0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 191, 4095, 4096, 4097, 131_071, 131_072, 131_073];

    public static byte[] Make(PlaneLayoutId layout, int count)
    {
        int size = ReferencePlanes.ElementSize(layout);
        var random = new Random(((int)layout * 7919) + count);
        byte[] elements = new byte[count * size];
        random.NextBytes(elements);
        ulong[] specials = Specials(layout);
        for (int i = 0; i < count && specials.Length != 0; i += random.Next(1, 4))
        {
            Write(elements.AsSpan(i * size, size), specials[random.Next(specials.Length)]);
        }

        return elements;
    }

    /// <summary>Zeros, denormals, ones, largest finite values, infinities and NaNs with payloads, of both signs; none for integers.</summary>
    public static ulong[] Specials(PlaneLayoutId layout)
    {
        (int exponentBits, int mantissaBits) = layout switch
        {
            PlaneLayoutId.Float16 => (5, 10),
            PlaneLayoutId.BFloat16 => (8, 7),
            PlaneLayoutId.Float32 => (8, 23),
            PlaneLayoutId.Float64 => (11, 52),
            _ => (0, 0),
        };
        if (exponentBits == 0)
        {
            return [];
        }

        ulong largestExponent = (1UL << exponentBits) - 1;
        ulong allOnes = (1UL << mantissaBits) - 1;
        ulong topBit = 1UL << (mantissaBits - 1);
        return
        [
            .. from sign in new ulong[] { 0, 1 }
               from exponent in new ulong[] { 0, 1, largestExponent / 2, largestExponent - 1, largestExponent }
               from mantissa in new ulong[] { 0, 1, topBit, topBit + 1, topBit >> 1, allOnes, 0x5A5A_5A5A_5A5A_5A5A & allOnes }
               select (sign << (exponentBits + mantissaBits)) | (exponent << mantissaBits) | mantissa,
        ];
    }

    public static void Write(Span<byte> element, ulong value)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(wide, value);
        wide[..element.Length].CopyTo(element);
    }

    /// <summary>Every 16-bit pattern once, then <paramref name="extra"/> more for a tail.</summary>
    public static byte[] AllPatterns(int extra)
    {
        byte[] elements = new byte[(65_536 + extra) * 2];
        for (int i = 0; i < 65_536 + extra; i++)
        {
            // An odd factor visits every pattern, and never leaves neighbours alike.
            BinaryPrimitives.WriteUInt16LittleEndian(elements.AsSpan(i * 2), (ushort)(i * 40_503));
        }

        return elements;
    }
}
