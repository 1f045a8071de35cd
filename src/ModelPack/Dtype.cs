namespace ModelPack;

/// <summary>
/// The element type of a tensor. The numeric values are wire ids (Container/FORMAT.md, "Dtypes") and never change.
/// </summary>
/// <remarks>
/// The set is the union of the safetensors dtypes (safetensors/src/tensor.rs, <c>enum Dtype</c>) and the fixed-width
/// ONNX data types (onnx.proto, <c>TensorProto.DataType</c>).
/// </remarks>
public enum Dtype : byte
{
    /// <summary>Not a tensor element: plain bytes.</summary>
    None = 0,

    /// <summary>Boolean, one byte an element.</summary>
    Bool = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    I8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    I16 = 5,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32 = 6,

    /// <summary>Signed 32-bit integer.</summary>
    I32 = 7,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64 = 8,

    /// <summary>Signed 64-bit integer.</summary>
    I64 = 9,

    /// <summary>IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa bits.</summary>
    F16 = 10,

    /// <summary>bfloat16: 1 sign, 8 exponent, 7 mantissa bits.</summary>
    BF16 = 11,

    /// <summary>IEEE 754 binary32: 1 sign, 8 exponent, 23 mantissa bits.</summary>
    F32 = 12,

    /// <summary>IEEE 754 binary64: 1 sign, 11 exponent, 52 mantissa bits.</summary>
    F64 = 13,

    /// <summary>Complex number of two binary32 values.</summary>
    C64 = 14,

    /// <summary>Complex number of two binary64 values.</summary>
    C128 = 15,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, finite with NaN.</summary>
    F8E4M3 = 16,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits.</summary>
    F8E5M2 = 17,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, finite, no negative zero.</summary>
    F8E4M3Fnuz = 18,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits, finite, no negative zero.</summary>
    F8E5M2Fnuz = 19,

    /// <summary>8-bit power-of-two scale, exponent only.</summary>
    F8E8M0 = 20,

    /// <summary>6-bit float, 2 exponent and 3 mantissa bits, packed without gaps.</summary>
    F6E2M3 = 21,

    /// <summary>6-bit float, 3 exponent and 2 mantissa bits, packed without gaps.</summary>
    F6E3M2 = 22,

    /// <summary>4-bit float, 2 exponent bits and 1 mantissa bit, two a byte.</summary>
    F4 = 23,

    /// <summary>Unsigned 4-bit integer, two a byte.</summary>
    U4 = 24,

    /// <summary>Signed 4-bit integer, two a byte.</summary>
    I4 = 25,

    /// <summary>Unsigned 2-bit integer, four a byte.</summary>
    U2 = 26,

    /// <summary>Signed 2-bit integer, four a byte.</summary>
    I2 = 27,
}

/// <summary>Facts about each <see cref="Dtype"/>.</summary>
public static class DtypeFacts
{
    private static readonly (string Name, int Bits)[] Facts =
    [
        ("BYTES", 8), ("BOOL", 8), ("U8", 8), ("I8", 8), ("U16", 16), ("I16", 16), ("U32", 32), ("I32", 32),
        ("U64", 64), ("I64", 64), ("F16", 16), ("BF16", 16), ("F32", 32), ("F64", 64), ("C64", 64), ("C128", 128),
        ("F8_E4M3", 8), ("F8_E5M2", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("F8_E8M0", 8), ("F6_E2M3", 6),
        ("F6_E3M2", 6), ("F4", 4), ("U4", 4), ("I4", 4), ("U2", 2), ("I2", 2),
    ];

    private static readonly Dictionary<string, Dtype> ByName = MakeByName();

    /// <summary>Number of wire ids in use; every id below it is defined.</summary>
    public static int Count => Facts.Length;

    /// <summary>True when the value is one of the defined wire ids.</summary>
    public static bool IsDefined(this Dtype dtype) => (int)dtype < Facts.Length;

    /// <summary>Width of one element in bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined dtype.</exception>
    public static int BitWidth(this Dtype dtype) => Fact(dtype).Bits;

    /// <summary>The name as safetensors spells it (<c>BF16</c>, <c>F8_E4M3</c>); the same style for dtypes it lacks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined dtype.</exception>
    public static string DisplayName(this Dtype dtype) => Fact(dtype).Name;

    /// <summary>Finds the dtype with the given safetensors-style name; names are case-sensitive.</summary>
    public static bool TryParse(string name, out Dtype dtype) => ByName.TryGetValue(name, out dtype);

    private static (string Name, int Bits) Fact(Dtype dtype) => dtype.IsDefined()
        ? Facts[(int)dtype]
        : throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not a defined dtype");

    private static Dictionary<string, Dtype> MakeByName()
    {
        var byName = new Dictionary<string, Dtype>(StringComparer.Ordinal);
        for (int id = 1; id < Facts.Length; id++)
        {
            byName.Add(Facts[id].Name, (Dtype)id);
        }

        return byName;
    }
}
