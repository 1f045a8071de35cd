using System.Buffers.Binary;
using ModelPack.TestModels.Numbers;

namespace ModelPack.TestModels.Generation;

/// <summary>Values as the little-endian bytes of a tensor.</summary>
internal static class Elements
{
    /// <summary>Float values in any float dtype; E8M0 takes the exponents alone.</summary>
    public static byte[] OfFloats(ReadOnlySpan<double> values, Dtype dtype)
    {
        int bits = dtype.BitWidth();
        if (bits < 8)
        {
            return Pack(Codes(values, MiniFloat.Of(dtype)), bits);
        }

        byte[] bytes = new byte[values.Length * (bits / 8)];
        for (int i = 0; i < values.Length; i++)
        {
            Write(bytes.AsSpan(i * (bits / 8), bits / 8), values[i], dtype);
        }

        return bytes;
    }

    /// <summary>Integers cut to the width of the dtype; sub-byte ones packed.</summary>
    public static byte[] OfIntegers(ReadOnlySpan<long> values, Dtype dtype)
    {
        int bits = dtype.BitWidth();
        if (bits < 8)
        {
            byte[] codes = new byte[values.Length];
            for (int i = 0; i < codes.Length; i++)
            {
                codes[i] = (byte)(values[i] & ((1 << bits) - 1));
            }

            return Pack(codes, bits);
        }

        Span<byte> element = stackalloc byte[sizeof(long)];
        byte[] bytes = new byte[values.Length * (bits / 8)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(element, values[i]);
            element[..(bits / 8)].CopyTo(bytes.AsSpan(i * (bits / 8)));
        }

        return bytes;
    }

    /// <summary>Weights rounded to integers of a symmetric range, as a quantiser stores them.</summary>
    /// <param name="values">Weights, channel after channel.</param>
    /// <param name="width">Values in a channel.</param>
    /// <param name="limit">Largest integer.</param>
    /// <param name="scales">The step of each channel, with which the integers are to be multiplied.</param>
    public static long[] Quantise(ReadOnlySpan<double> values, int width, int limit, out double[] scales)
    {
        long[] integers = new long[values.Length];
        scales = new double[values.Length / width];
        for (int channel = 0; channel < scales.Length; channel++)
        {
            ReadOnlySpan<double> row = values.Slice(channel * width, width);
            double largest = 0;
            foreach (double value in row)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            // The step is an F32, because that is how it is stored.
            double scale = (float)(largest / limit);
            scales[channel] = scale;
            for (int i = 0; i < width; i++)
            {
                integers[(channel * width) + i] = (long)Math.Clamp(Math.Round(row[i] / scale), -limit, limit);
            }
        }

        return integers;
    }

    private static byte[] Codes(ReadOnlySpan<double> values, MiniFloat format)
    {
        byte[] codes = new byte[values.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = format.Encode(values[i]);
        }

        return codes;
    }

    private static void Write(Span<byte> element, double value, Dtype dtype)
    {
        uint f32 = BitConverter.SingleToUInt32Bits((float)value);
        switch (dtype)
        {
            case Dtype.F64:
                BinaryPrimitives.WriteDoubleLittleEndian(element, value);
                break;
            case Dtype.F32:
                BinaryPrimitives.WriteUInt32LittleEndian(element, f32);
                break;
            case Dtype.BF16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, FloatConversion.ToBF16(f32));
                break;
            case Dtype.F16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, FloatConversion.ToF16(f32));
                break;
            case Dtype.F8E8M0:
                element[0] = (byte)(f32 >> 23);
                break;
            default:
                element[0] = MiniFloat.Of(dtype).Encode(value);
                break;
        }
    }

    /// <summary>Packs codes of fewer than 8 bits without gaps, the first in the lowest bits.</summary>
    private static byte[] Pack(ReadOnlySpan<byte> codes, int bits)
    {
        byte[] packed = new byte[((codes.Length * bits) + 7) / 8];
        for (int i = 0; i < codes.Length; i++)
        {
            int position = i * bits;
            int shifted = codes[i] << (position & 7);
            packed[position >> 3] |= (byte)shifted;
            if (shifted > byte.MaxValue)
            {
                packed[(position >> 3) + 1] |= (byte)(shifted >> 8);
            }
        }

        return packed;
    }
}
