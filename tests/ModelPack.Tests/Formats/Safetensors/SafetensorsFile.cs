using System.Buffers.Binary;
using System.Text;
using ModelPack.Formats;
using ModelPack.Formats.Safetensors;
using ModelPack.Primitives;

namespace ModelPack.Tests.Formats.Safetensors;

/// <summary>Safetensors files from headers that a test spells out.</summary>
internal static class SafetensorsFile
{
    /// <summary>All dtypes and their bits, from <c>Dtype::bitsize</c> of the reference implementation.</summary>
    public static readonly (string Name, Dtype Dtype, int Bits)[] Dtypes =
    [
        ("F4", Dtype.F4, 4), ("F6_E3M2", Dtype.F6E3M2, 6), ("F6_E2M3", Dtype.F6E2M3, 6), ("BOOL", Dtype.Bool, 8), ("U8", Dtype.U8, 8),
        ("I8", Dtype.I8, 8), ("F8_E5M2", Dtype.F8E5M2, 8), ("F8_E4M3", Dtype.F8E4M3, 8), ("F8_E8M0", Dtype.F8E8M0, 8),
        ("F8_E4M3FNUZ", Dtype.F8E4M3Fnuz, 8), ("F8_E5M2FNUZ", Dtype.F8E5M2Fnuz, 8), ("I16", Dtype.I16, 16), ("U16", Dtype.U16, 16),
        ("I32", Dtype.I32, 32), ("U32", Dtype.U32, 32), ("I64", Dtype.I64, 64), ("U64", Dtype.U64, 64), ("F16", Dtype.F16, 16),
        ("BF16", Dtype.BF16, 16), ("F32", Dtype.F32, 32), ("F64", Dtype.F64, 64), ("C64", Dtype.C64, 64),
    ];

    public static byte[] Make(string header, int dataLength = 0) => Make(Encoding.UTF8.GetBytes(header), dataLength);

    public static byte[] Make(ReadOnlySpan<byte> header, int dataLength = 0)
    {
        byte[] file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file.AsSpan(8));
        return file;
    }

    public static SegmentMap Read(byte[] file)
    {
        using ByteSource source = ByteSource.FromMemory(file, "test");
        return new SafetensorsReader().Read(source, CancellationToken.None);
    }

    public static ModelPackException Refused(byte[] file) => Assert.Throws<ModelPackException>(() => Read(file));
}
