using System.Buffers.Binary;
using System.Text;

namespace ModelPack.Tests.Support;

/// <summary>Seeded model files, written without the code under test.</summary>
internal static class SmallModels
{
    /// <summary>A safetensors file with these tensors in this order.</summary>
    public static byte[] Safetensors(params (string Name, string Dtype, int[] Shape, byte[] Data)[] tensors)
    {
        var header = new StringBuilder("{");
        int offset = 0;
        foreach ((string name, string dtype, int[] shape, byte[] data) in tensors)
        {
            header.Append(header.Length > 1 ? "," : "");
            header.Append($"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{offset},{offset + data.Length}]}}");
            offset += data.Length;
        }

        byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. tensors.SelectMany(static t => t.Data)];
    }

    /// <summary>BF16 weights with a bell-shaped distribution and a scale of their own for each row of 64.</summary>
    public static byte[] BFloat16Weights(int count, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[count * 2];
        double scale = 0;
        for (int i = 0; i < count; i++)
        {
            if (i % 64 == 0)
            {
                scale = 0.02 * (1 + random.NextDouble());
            }

            uint bits = BitConverter.SingleToUInt32Bits((float)(Normal(random) * scale));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)(bits >> 16));
        }

        return bytes;
    }

    /// <summary>F32 weights with a bell-shaped distribution.</summary>
    public static byte[] Float32Weights(int count, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), (float)(Normal(random) * 0.05));
        }

        return bytes;
    }

    /// <summary>Ascending 64-bit integers.</summary>
    public static byte[] Int64Ramp(int count)
    {
        byte[] bytes = new byte[count * 8];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), i);
        }

        return bytes;
    }

    /// <summary>
    /// A file of a few KiB whose container has every coder but one, a shared block and an empty tensor.
    /// </summary>
    public static byte[] Mixed() => Safetensors(
        ("embed", "BF16", [16, 64], BFloat16Weights(16 * 64, 1)),
        ("norm", "F32", [64], Float32Weights(64, 2)),
        ("ids", "I64", [100], Int64Ramp(100)),
        ("zeros", "U8", [500], new byte[500]),
        ("mask", "BOOL", [400], SeededPlanes.Make("runs", 400)),
        ("quantised", "I8", [700], SeededPlanes.Make("bell-int8", 700)),
        ("empty", "F16", [0, 5], []),
        ("noise", "U8", [133], SeededPlanes.Make("uniform", 133)));

    /// <summary>Weights of which each tensor is long enough for context ANS, in all dtypes that it is tried on, whole and in parts.</summary>
    public static byte[] Layers()
    {
        double[] kernels = ScaledWeights.Make(80, 48, 9);
        double[] matrix = ScaledWeights.Make(150, 300, 1, seed: 2);
        return Safetensors(
            ("conv.u8", "U8", [80, 48, 3, 3], ScaledWeights.AsIntegers(kernels, 121)),
            ("conv.i8", "I8", [80, 48, 9], ScaledWeights.AsIntegers(kernels, 0)),
            ("conv.bf16", "BF16", [1, 80, 48, 3, 3], ScaledWeights.AsBFloat16(kernels)),
            ("conv.f16", "F16", [80, 48, 3, 3], ScaledWeights.AsFloat16(kernels)),
            ("matrix.f32", "F32", [150, 300], ScaledWeights.AsFloat32(matrix)),
            ("wide.bf16", "BF16", [5, 9000], ScaledWeights.AsBFloat16(matrix)),
            ("depthwise.i8", "I8", [5000, 1, 3, 3], ScaledWeights.AsIntegers([.. matrix], 0)),
            ("two.blocks", "U8", [300, 640, 3, 3], ScaledWeights.AsIntegers(ScaledWeights.Make(300, 640, 9, seed: 3), 127)));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
