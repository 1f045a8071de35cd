using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ModelPack.Cli.Tests.Support;

/// <summary>Small model files, laid out by hand and filled from a seed.</summary>
internal static class Models
{
    /// <summary>A safetensors file: header length, JSON header, data.</summary>
    public static byte[] Safetensors(params (string Name, string Dtype, int[] Shape, byte[] Data)[] tensors)
    {
        var header = new StringBuilder("{");
        long offset = 0;
        foreach ((string name, string dtype, int[] shape, byte[] data) in tensors)
        {
            header.Append(header.Length > 1 ? "," : "");
            header.Append(
                CultureInfo.InvariantCulture,
                $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{offset},{offset + data.Length}]}}");
            offset += data.Length;
        }

        byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. tensors.SelectMany(static tensor => tensor.Data)];
    }

    /// <summary>BF16 values with the bell shape of trained weights, so that their exponents can be coded.</summary>
    public static byte[] BFloat16Weights(int count, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[2 * count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            uint bits = BitConverter.SingleToUInt32Bits((float)(normal * 0.02));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)(bits >> 16));
        }

        return bytes;
    }

    /// <summary>A model of two tensors: 64 Ki BF16 weights and four I32 numbers.</summary>
    public static byte[] TwoTensors(int seed = 1) => Safetensors(
        ("layer.0/weight", "BF16", [256, 256], BFloat16Weights(65536, seed)),
        ("ids", "I32", [4], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]));

    /// <summary>Bytes that nothing can compress.</summary>
    public static byte[] Noise(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// An ONNX model (onnx.proto: ModelProto, GraphProto, TensorProto) with one initializer 'shape' of type INT64 whose
    /// elements 300, -1 and 5 stand in int64_data, that is as varints.
    /// </summary>
    public static byte[] OnnxWithVarints()
    {
        byte[] tensor =
        [
            0x08, 0x03, // dims: 3
            0x10, 0x07, // data_type: INT64
            0x3A, 0x0D, // int64_data, packed: 13 bytes
            0xAC, 0x02,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
            0x05,
            0x42, 0x05, (byte)'s', (byte)'h', (byte)'a', (byte)'p', (byte)'e', // name
        ];
        byte[] graph = [0x12, 0x01, (byte)'g', 0x2A, (byte)tensor.Length, .. tensor]; // name, initializer
        return [0x08, 0x08, 0x3A, (byte)graph.Length, .. graph, 0x42, 0x02, 0x10, 0x11]; // ir_version, graph, opset_import
    }
}
