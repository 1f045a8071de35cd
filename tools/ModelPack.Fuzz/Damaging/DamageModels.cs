using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ModelPack.Fuzz.Damaging;

/// <summary>Models whose containers are damaged; all from seeds.</summary>
internal static class DamageModels
{
    /// <summary>A safetensors file.</summary>
    public static byte[] Safetensors(params (string Name, string Dtype, int[] Shape, byte[] Data)[] tensors)
    {
        var header = new StringBuilder("{");
        int offset = 0;
        foreach ((string name, string dtype, int[] shape, byte[] data) in tensors)
        {
            header.Append(offset > 0 ? "," : "");
            header.Append(
                CultureInfo.InvariantCulture,
                $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{offset},{offset + data.Length}]}}");
            offset += data.Length;
        }

        byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        byte[] length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. tensors.SelectMany(static tensor => tensor.Data)];
    }

    /// <summary>A model with a plane that each coder takes: weights, constants, text, noise, and what repeats.</summary>
    /// <param name="values">Weights in each matrix, a multiple of 64.</param>
    /// <param name="seed">Start of the random numbers.</param>
    public static byte[] Mixed(int values, int seed)
    {
        var random = new Random(seed);
        byte[] noise = new byte[values / 2];
        random.NextBytes(noise);
        byte[] phrase = [.. Enumerable.Range(0, values).Select(i => (byte)(i % 64 == 0 ? random.Next(256) : i % 64 * 3))];
        return Safetensors(
            ("bf16", "BF16", [values / 64, 64], BFloat16(random, values)),
            ("f32", "F32", [values / 128, 64], Float32(random, values / 2)),
            ("i8", "I8", [values / 64, 64], Int8(random, values)),
            ("zeros", "I64", [values / 64, 8], new byte[values]),
            ("phrase", "U8", [values], phrase),
            ("noise", "U8", [values / 2], noise));
    }

    /// <summary>As little as a coder can be forced on: a few hundred values of few kinds.</summary>
    public static byte[] Tiny(int seed)
    {
        var random = new Random(seed);
        return Safetensors(("w", "BF16", [5, 64], BFloat16(random, 320)), ("c", "U8", [64], [.. Enumerable.Repeat((byte)7, 64)]));
    }

    public static byte[] Noise(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] BFloat16(Random random, int count)
    {
        byte[] bytes = new byte[sizeof(ushort) * count];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeof(ushort) * i), (ushort)(BitConverter.SingleToUInt32Bits((float)Normal(random)) >> 16));
        }

        return bytes;
    }

    private static byte[] Float32(Random random, int count)
    {
        byte[] bytes = new byte[sizeof(float) * count];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), (float)Normal(random));
        }

        return bytes;
    }

    private static byte[] Int8(Random random, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)(sbyte)Math.Clamp(1000 * Normal(random), sbyte.MinValue, sbyte.MaxValue);
        }

        return bytes;
    }

    private static double Normal(Random random) => 0.02 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
