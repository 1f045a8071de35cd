using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using ModelPack.Reading;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Reading;

/// <summary>Elements come as values of the type that stands for their dtype, and of all numbers as floats.</summary>
public sealed class ElementTests
{
    [Fact]
    public void Every_type_stands_for_its_dtype()
    {
        Check("F32", BitConverter.GetBytes, 1.5f, -0f, float.NaN, float.Epsilon);
        Check("F64", BitConverter.GetBytes, 1.5, double.MaxValue, -2);
        Check("F16", BitConverter.GetBytes, (Half)1.5, Half.NegativeInfinity);
        Check("BF16", static value => BitConverter.GetBytes(value.Bits), BFloat16.FromSingle(1.5f), BFloat16.FromBits(0xFF80));
        Check("I8", static value => [(byte)value], sbyte.MinValue, (sbyte)7);
        Check("U8", static value => [value], (byte)200, (byte)0);
        Check("I16", BitConverter.GetBytes, short.MinValue, (short)258);
        Check("U16", BitConverter.GetBytes, ushort.MaxValue, (ushort)258);
        Check("I32", BitConverter.GetBytes, int.MinValue, 66_051);
        Check("U32", BitConverter.GetBytes, uint.MaxValue, 66_051u);
        Check("I64", BitConverter.GetBytes, long.MinValue, 1L << 40);
        Check("U64", BitConverter.GetBytes, ulong.MaxValue, 1UL << 40);
        Check("BOOL", static value => [value ? (byte)1 : (byte)0], true, false, true);
        Check("F8_E4M3", static value => [value], (byte)0x7F, (byte)0x38);
    }

    [Fact]
    public void Complex_numbers_are_pairs_of_doubles()
    {
        // No safetensors dtype, but one of ONNX (COMPLEX128 = 15): raw_data is field 9.
        byte[] data = [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(-2.0)];
        byte[] tensor = [0x08, 1, 0x10, 15, 0x42, 1, (byte)'w', 0x4A, 16, .. data];
        byte[] graph = [0x2A, (byte)tensor.Length, .. tensor];
        using PackedModel model = PackedModel.Open(Packing.Pack([0x08, 10, 0x3A, (byte)graph.Length, .. graph], "m.onnx", new PackOptions { Strict = true }).AsMemory());
        Assert.Equal(new Complex(1.5, -2), model.ReadTensor<Complex>("w")[0]);
        Assert.Throws<ArgumentException>(() => model.ReadTensorAsSingle("w"));
    }

    [Fact]
    public void Booleans_are_true_or_false_whatever_their_bits()
    {
        using PackedModel model = Open(("w", "BOOL", [3], [0, 1, 0x80]));
        bool[] values = new bool[3];
        model.ReadElements(model.FindTensor("w"), values.AsSpan());
        Assert.Equal([0, 1, 1], values.Select(static value => (int)System.Runtime.CompilerServices.Unsafe.BitCast<bool, byte>(value)));
    }

    [Fact]
    public void A_tensor_has_its_shape()
    {
        using PackedModel model = Open(("w", "F32", [2, 3], SmallModels.Float32Weights(6, 1)), ("scalar", "F32", [], BitConverter.GetBytes(7f)), ("none", "F32", [0, 5], []));
        Tensor<float> tensor = model.ReadTensor<float>("w");
        Assert.Equal([2, 3], tensor.Lengths.ToArray());
        Assert.Equal(BitConverter.ToSingle(SmallModels.Float32Weights(6, 1), 4 * 5), tensor[1, 2]);
        tensor = model.ReadTensorAsSingle("scalar");
        Assert.Equal(1, tensor.Rank);
        Assert.Equal(7f, tensor[0]);
        tensor = model.ReadTensor<float>("none");
        Assert.Equal([0, 5], tensor.Lengths.ToArray());
        Assert.Equal(0, tensor.FlattenedLength);
    }

    [Fact]
    public void Varints_become_elements()
    {
        using PackedModel model = ReadingModels.OpenVarints(out _);
        Assert.Equal(Enumerable.Range(0, 90), model.ReadTensor<int>("w").ToArray());
        Assert.Equal(Enumerable.Range(0, 90).Select(static i => (float)i), model.ReadTensorAsSingle("w").ToArray());
        Assert.Throws<ArgumentException>(() => model.ReadTensor<long>("w"));
    }

    [Fact]
    public void Elements_of_every_dtype_become_floats()
    {
        Assert.Equal([1.5f, -2], AsSingle("F32", 2, [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]));
        Assert.Equal([1.5f, float.PositiveInfinity], AsSingle("F64", 2, [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(1e300)]));
        Assert.Equal([1.5f, -65504], AsSingle("F16", 2, [0x00, 0x3E, 0xFF, 0xFB]));
        Assert.Equal([1.5f, -1], AsSingle("BF16", 2, [0xC0, 0x3F, 0x80, 0xBF]));
        Assert.Equal([-128, 127], AsSingle("I8", 2, [0x80, 0x7F]));
        Assert.Equal([128, 255], AsSingle("U8", 2, [0x80, 0xFF]));
        Assert.Equal([-2, 258], AsSingle("I16", 2, [0xFE, 0xFF, 2, 1]));
        Assert.Equal([65534, 258], AsSingle("U16", 2, [0xFE, 0xFF, 2, 1]));
        Assert.Equal([-2], AsSingle("I32", 1, [0xFE, 0xFF, 0xFF, 0xFF]));
        Assert.Equal([4294967296f], AsSingle("U32", 1, [0xFE, 0xFF, 0xFF, 0xFF]));
        Assert.Equal([-2], AsSingle("I64", 1, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Equal([18446744073709551616f], AsSingle("U64", 1, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Equal([0, 1, 1], AsSingle("BOOL", 3, [0, 1, 9]));

        // OCP 8-bit Floating Point Specification, table 2: largest normal, smallest normal, largest and smallest subnormal, NaN.
        Assert.Equal([448, 0.015625f, 0.013671875f, 0.001953125f, float.NaN, -448, float.NaN], AsSingle("F8_E4M3", 7, [0x7E, 0x08, 0x07, 0x01, 0x7F, 0xFE, 0xFF]));
        Assert.Equal(
            [57344, 6.103515625e-5f, 4.57763671875e-5f, 1.52587890625e-5f, float.PositiveInfinity, float.NegativeInfinity, float.NaN],
            AsSingle("F8_E5M2", 7, [0x7B, 0x04, 0x03, 0x01, 0x7C, 0xFC, 0x7D]));

        // onnx/docs "Float stored in 8 bits": largest values and what would be −0.
        Assert.Equal([240, -240, float.NaN, 0.0009765625f], AsSingle("F8_E4M3FNUZ", 4, [0x7F, 0xFF, 0x80, 0x01]));
        Assert.Equal([57344, -57344, float.NaN, 7.62939453125e-6f], AsSingle("F8_E5M2FNUZ", 4, [0x7F, 0xFF, 0x80, 0x01]));
        Assert.Equal([1, 2, 5.877471754111438e-39f, 1.7014118346046923e38f, float.NaN], AsSingle("F8_E8M0", 5, [127, 128, 0, 254, 255]));

        // OCP Microscaling Formats, section 5.3.3; the first element is in the low bits.
        Assert.Equal([0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0.5f, -6], AsSingle("F4", 10, [0x10, 0x32, 0x54, 0x76, 0xF9]));
    }

    [Fact]
    public void Packed_integers_become_floats()
    {
        Assert.Equal([1, 15, 8, 0], Convert(Dtype.U4, 4, [0xF1, 0x08]));
        Assert.Equal([1, -1, -8], Convert(Dtype.I4, 3, [0xF1, 0x08]));
        Assert.Equal([3, 2, 1, 0, 1], Convert(Dtype.U2, 5, [0b00_01_10_11, 0b01]));
        Assert.Equal([-1, -2, 1, 0, 1], Convert(Dtype.I2, 5, [0b00_01_10_11, 0b01]));

        static float[] Convert(Dtype dtype, int count, byte[] packed)
        {
            float[] values = new float[count];
            SingleConverter.Convert(dtype, packed, values);
            return values;
        }
    }

    [Fact]
    public void Large_tensors_become_floats_part_by_part()
    {
        // More than two parts, the last of them short.
        const int Count = (2 << 20) + 77;
        byte[] bfloats = SmallModels.BFloat16Weights(Count, 5);
        byte[] fours = SeededPlanes.Make("uniform", (Count + 1) / 2);
        using PackedModel model = Open(("b", "BF16", [Count], bfloats), ("f", "F4", [Count + 1], fours));
        float[] values = model.ReadTensorAsSingle("b").ToArray();
        Assert.Equal(Count, values.Length);
        for (int i = 0; i < Count; i += 1009)
        {
            Assert.Equal(BinaryPrimitives.ReadUInt16LittleEndian(bfloats.AsSpan(2 * i)), BitConverter.SingleToUInt32Bits(values[i]) >> 16);
            Assert.Equal(0u, BitConverter.SingleToUInt32Bits(values[i]) & 0xFFFF);
        }

        float[] fourValues = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6];
        values = model.ReadTensorAsSingle("f").ToArray();
        for (int i = 0; i < Count; i += 1009)
        {
            int pattern = (fours[i / 2] >> (i % 2 * 4)) & 15;
            Assert.Equal(pattern < 8 ? fourValues[pattern] : -fourValues[pattern - 8], values[i]);
        }
    }

    [Fact]
    public void Other_types_and_lengths_are_refused()
    {
        using PackedModel model = Open(("w", "BF16", [4], new byte[8]), ("six", "F6_E2M3", [4], new byte[3]));
        PackedTensor tensor = model.FindTensor("w");
        Assert.Contains("elements of BF16", Assert.Throws<ArgumentException>(() => model.ReadTensor<Half>(tensor)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.ReadTensor<byte>(tensor));
        Assert.Throws<ArgumentException>(() => model.ReadTensor<DateTime>(tensor));
        Assert.Throws<ArgumentException>(() => model.ReadElements(tensor, new BFloat16[3].AsSpan()));
        Assert.Throws<ArgumentException>(() => model.ReadElementsAsSingle(tensor, new float[5]));
        Assert.Throws<ArgumentException>(() => model.ReadTensorAsSingle("six"));
        Assert.Throws<ModelPackException>(() => model.ReadTensor<float>("absent"));
    }

    [Fact]
    public void A_shape_beyond_all_measure_is_corrupt()
    {
        Assert.Equal(6, new TensorInfo("w", Dtype.F32, [2, 3]).CountElements());
        Assert.Equal(1, new TensorInfo("w", Dtype.F32, []).CountElements());
        Assert.Equal(0, new TensorInfo("w", Dtype.F32, [ulong.MaxValue, 0, ulong.MaxValue]).CountElements());
        foreach (ulong[] shape in new ulong[][] { [ulong.MaxValue], [1UL << 58, 2], [1UL << 32, 1UL << 32, 1UL << 32], [1UL << 63, 1UL << 63, 1UL << 63] })
        {
            Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => new TensorInfo("w", Dtype.F32, [.. shape]).CountElements()).Error);
        }
    }

    [Fact]
    public void Bfloat16_rounds_to_the_nearest_even()
    {
        (uint Single, ushort Bits)[] expected =
        [
            (0x3F80_0000, 0x3F80), (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81), (0x3F81_8000, 0x3F82),
            (0x7F7F_FFFF, 0x7F80), (0x7F80_0000, 0x7F80), (0xFF80_0000, 0xFF80), (0x8000_0000, 0x8000), (0x0000_8001, 0x0001),
        ];
        foreach ((uint single, ushort bits) in expected)
        {
            Assert.Equal(bits, ((BFloat16)BitConverter.UInt32BitsToSingle(single)).Bits);
        }

        // A NaN stays one, whichever bits make it that.
        Assert.True(float.IsNaN(BFloat16.FromSingle(BitConverter.UInt32BitsToSingle(0x7F80_0001))));
        BFloat16[] all = [.. Enumerable.Range(0, 65536).Select(static bits => BFloat16.FromBits((ushort)bits))];
        float[] singles = new float[all.Length];
        BFloat16.ConvertToSingle(all, singles);
        Assert.Equal(Enumerable.Range(0, 65536).Select(static bits => (uint)bits << 16), singles.Select(BitConverter.SingleToUInt32Bits));
        Assert.Throws<ArgumentException>(() => BFloat16.ConvertToSingle(all, new float[3]));

        Assert.True(BFloat16.FromBits(0) == BFloat16.FromBits(0x8000));
        Assert.False(BFloat16.FromBits(0x7FC0) == BFloat16.FromBits(0x7FC0));
        Assert.True(BFloat16.FromBits(0x7FC0).Equals((object)BFloat16.FromBits(0x7FC1)));
        Assert.Equal(BFloat16.FromBits(0x7FC0).GetHashCode(), BFloat16.FromBits(0x7FC1).GetHashCode());
        Assert.Equal("1.5", BFloat16.FromBits(0x3FC0).ToString());
        Assert.True(BFloat16.FromBits(0x3FC0) < 2);
    }

    private static PackedModel Open(params (string Name, string Dtype, int[] Shape, byte[] Data)[] tensors) =>
        PackedModel.Open(Packing.Pack(SmallModels.Safetensors(tensors)).AsMemory());

    private static float[] AsSingle(string dtype, int count, byte[] data)
    {
        using PackedModel model = Open(("w", dtype, [count], data));
        return model.ReadTensorAsSingle("w").ToArray();
    }

    private static void Check<T>(string dtype, Func<T, byte[]> bytesOf, params T[] values)
        where T : unmanaged
    {
        using PackedModel model = Open(("w", dtype, [values.Length], [.. values.SelectMany(bytesOf)]));
        Assert.Equal(values, model.ReadTensor<T>("w").ToArray());
        T[] elements = new T[values.Length];
        model.ReadElements(model.FindTensor("w"), elements.AsSpan());
        Assert.Equal(values, elements);
    }
}
