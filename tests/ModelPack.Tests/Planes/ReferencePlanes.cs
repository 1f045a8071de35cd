using ModelPack.Planes;

namespace ModelPack.Tests.Planes;

/// <summary>
/// A second implementation of src/ModelPack/Planes/SPEC.md, by division and remainder on each element's value, that shares
/// nothing with the first.
/// </summary>
internal static class ReferencePlanes
{
    public static byte[][] Split(PlaneLayoutId layout, byte[] elements)
    {
        int size = ElementSize(layout);
        ulong[] values = [.. elements.Chunk(size).Select(ValueOf)];
        return layout switch
        {
            PlaneLayoutId.BFloat16 => Float(values, exponentBits: 8, mantissaBits: 7),
            PlaneLayoutId.Float32 => Float(values, exponentBits: 8, mantissaBits: 23),
            PlaneLayoutId.Float16 => Float16(values),
            PlaneLayoutId.Float64 => [.. Enumerable.Range(0, 8).Select(plane => Plane(values, value => Digit(Rotated(value), 7 - plane)))],
            _ => [.. Enumerable.Range(0, size).Select(plane => Plane(values, value => Digit(value, plane)))],
        };
    }

    public static int ElementSize(PlaneLayoutId layout) => layout switch
    {
        PlaneLayoutId.Bytes => 1,
        PlaneLayoutId.Float16 or PlaneLayoutId.BFloat16 or PlaneLayoutId.Bytes2 => 2,
        PlaneLayoutId.Float32 or PlaneLayoutId.Bytes4 => 4,
        _ => 8,
    };

    /// <summary>The values in the order of plane positions: the spec's list of element ranges for each full group.</summary>
    public static T[] InGroupOrder<T>(IReadOnlyList<T> values)
    {
        int[] eightsOfGroup = [0, 32, 8, 40, 16, 48, 24, 56];
        var ordered = new List<T>();
        int group = 0;
        for (; group + 64 <= values.Count; group += 64)
        {
            foreach (int eight in eightsOfGroup)
            {
                ordered.AddRange(Enumerable.Range(group + eight, 8).Select(index => values[index]));
            }
        }

        ordered.AddRange(values.Skip(group));
        return [.. ordered];
    }

    // BFloat16 and Float32 differ only in how many mantissa bytes follow.
    private static byte[][] Float(ulong[] values, int exponentBits, int mantissaBits)
    {
        ulong[] ordered = InGroupOrder(values);
        ulong mantissaRange = Power(mantissaBits);
        ulong exponentRange = Power(exponentBits);
        var planes = new List<byte[]>
        {
            Plane(ordered, value =>
            {
                ulong exponent = value / mantissaRange % exponentRange;
                return (byte)((exponent / 2) + (exponent % 2 * 128));
            }),
            Plane(ordered, value =>
            {
                ulong sign = value / mantissaRange / exponentRange;
                ulong topSeven = value % mantissaRange / Power(mantissaBits - 7);
                return (byte)((sign * 128) + topSeven);
            }),
        };
        for (int lower = ((mantissaBits - 7) / 8) - 1; lower >= 0; lower--)
        {
            int digit = lower;
            planes.Add(Plane(ordered, value => Digit(value, digit)));
        }

        return [.. planes];
    }

    private static byte[][] Float16(ulong[] values)
    {
        ulong[] ordered = InGroupOrder(values);
        int[] pairs = [.. ordered.Select(value => (int)((value / Power(15) * 2) + (value / Power(8) % 2)))];
        var packed = new List<byte>();
        int group = 0;
        for (; group + 64 <= pairs.Length; group += 64)
        {
            for (int k = 0; k < 16; k++)
            {
                packed.Add((byte)(pairs[group + k] + (4 * pairs[group + k + 16]) + (16 * pairs[group + k + 32]) + (64 * pairs[group + k + 48])));
            }
        }

        foreach (int[] four in pairs.Skip(group).Chunk(4))
        {
            packed.Add((byte)four.Select((pair, place) => pair * (int)Math.Pow(4, place)).Sum());
        }

        return
        [
            Plane(ordered, value => (byte)(value / Power(9) % 64)),
            Plane(ordered, value => (byte)(value % 256)),
            [.. packed],
        ];
    }

    private static ulong Rotated(ulong value) => (value % Power(63) * 2) + (value / Power(63));

    private static ulong ValueOf(byte[] element) => element.Reverse().Aggregate(0UL, (value, digit) => (value * 256) + digit);

    private static byte Digit(ulong value, int digit) => (byte)(value / Power(8 * digit) % 256);

    private static ulong Power(int exponent) => 1UL << exponent;

    private static byte[] Plane(ulong[] values, Func<ulong, byte> byteOf) => [.. values.Select(byteOf)];
}
