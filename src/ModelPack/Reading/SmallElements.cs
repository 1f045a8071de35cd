namespace ModelPack.Reading;

/// <summary>The values of elements of at most a byte: one for each bit pattern.</summary>
internal static class SmallElements
{
    private static readonly float[]?[] Tables = new float[DtypeFacts.Count][];

    /// <summary>The values, by bit pattern; null where the dtype is wider, or its elements do not fill bytes evenly.</summary>
    public static float[]? ValuesOf(Dtype dtype)
    {
        if (dtype.BitWidth() is not (2 or 4 or 8) || dtype == Dtype.None)
        {
            return null;
        }

        // Two threads that meet here make the same.
        return Tables[(int)dtype] ??= [.. Enumerable.Range(0, 1 << dtype.BitWidth()).Select(pattern => ValueOf(dtype, pattern))];
    }

    /// <summary>Values of packed elements, of which the first is in the lowest bits of a byte (onnx.proto, <c>TensorProto.DataType</c>).</summary>
    /// <param name="values">By bit pattern.</param>
    /// <param name="packed">The elements.</param>
    /// <param name="destination">As many as there are elements.</param>
    public static void Convert(float[] values, ReadOnlySpan<byte> packed, Span<float> destination)
    {
        int perByte = values.Length switch { 4 => 4, 16 => 2, _ => 1 };
        int bits = 8 / perByte;
        int mask = values.Length - 1;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = values[(packed[i / perByte] >> (i % perByte * bits)) & mask];
        }
    }

    private static float ValueOf(Dtype dtype, int pattern) => dtype switch
    {
        Dtype.Bool => pattern == 0 ? 0 : 1,
        Dtype.U8 or Dtype.U4 or Dtype.U2 => pattern,
        Dtype.I8 => (sbyte)pattern,
        Dtype.I4 => pattern >= 8 ? pattern - 16 : pattern,
        Dtype.I2 => pattern >= 2 ? pattern - 4 : pattern,

        // OCP 8-bit Floating Point Specification, tables 1 and 2: E4M3 has one NaN for each sign and no infinity.
        Dtype.F8E4M3 => (pattern & 0x7F) == 0x7F ? float.NaN : Float(pattern, exponentBits: 4, mantissaBits: 3, bias: 7),
        Dtype.F8E5M2 => (pattern & 0x7C) == 0x7C ? Special(pattern) : Float(pattern, exponentBits: 5, mantissaBits: 2, bias: 15),

        // "8-bit Numerical Formats for Deep Neural Networks": what would be −0 is the only NaN, and the bias is one more.
        Dtype.F8E4M3Fnuz => pattern == 0x80 ? float.NaN : Float(pattern, exponentBits: 4, mantissaBits: 3, bias: 8),
        Dtype.F8E5M2Fnuz => pattern == 0x80 ? float.NaN : Float(pattern, exponentBits: 5, mantissaBits: 2, bias: 16),

        // OCP Microscaling Formats, sections 5.3.3 and 5.4.1.
        Dtype.F4 => Float(pattern, exponentBits: 2, mantissaBits: 1, bias: 1),
        Dtype.F8E8M0 => pattern == 0xFF ? float.NaN : MathF.ScaleB(1, pattern - 127),
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "no dtype of 2, 4 or 8 bits"),
    };

    private static float Special(int pattern) => (pattern & 3) != 0 ? float.NaN : (pattern & 0x80) != 0 ? float.NegativeInfinity : float.PositiveInfinity;

    private static float Float(int pattern, int exponentBits, int mantissaBits, int bias)
    {
        int mantissa = pattern & ((1 << mantissaBits) - 1);
        int exponent = (pattern >> mantissaBits) & ((1 << exponentBits) - 1);

        // Without the leading one where the exponent is 0, which then counts as 1.
        float value = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return pattern >> (mantissaBits + exponentBits) != 0 ? -value : value;
    }
}
