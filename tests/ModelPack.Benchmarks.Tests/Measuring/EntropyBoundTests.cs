using System.Buffers.Binary;
using System.Text;
using ModelPack.Benchmarks.Measuring;

namespace ModelPack.Benchmarks.Tests.Measuring;

public sealed class EntropyBoundTests
{
    // Four equally frequent values take 2 bits each: 1000 of them 250 bytes.
    [Fact]
    public void Bytes_outside_tensors_count_together() =>
        Assert.Equal(250, EntropyBound.Of([.. Enumerable.Range(0, 1000).Select(i => (byte)(0xF0 | (i & 3)))], "opaque.bin"));

    // BF16 of two exponents, 0x3F80 and 0xC000 (1 and -2): a bit for the exponent, a bit for the sign, nothing for the mantissa.
    [Fact]
    public void Planes_of_a_tensor_count_apart()
    {
        byte[] one = Safetensors([.. Enumerable.Range(0, 4096).SelectMany(_ => new byte[] { 0x80, 0x3F })]);
        byte[] two = Safetensors([.. Enumerable.Range(0, 4096).SelectMany(i => i % 2 == 0 ? new byte[] { 0x80, 0x3F } : [0x00, 0xC0])]);
        Assert.Equal(one.Length, two.Length);
        Assert.Equal(2 * 4096 / 8, EntropyBound.Of(two, "two.safetensors") - EntropyBound.Of(one, "one.safetensors"));
    }

    private static byte[] Safetensors(byte[] data)
    {
        string header = $"{{\"w\":{{\"dtype\":\"BF16\",\"shape\":[{data.Length / 2}],\"data_offsets\":[0,{data.Length}]}}}}";
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. Encoding.ASCII.GetBytes(header), .. data];
    }
}
