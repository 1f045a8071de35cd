using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace ModelPack;

/// <summary>A bfloat16: the upper half of a <see cref="float"/>, with 1 sign, 8 exponent and 7 mantissa bits.</summary>
/// <remarks>.NET has such a type from version 11 on only. It has the same two bytes, so that a span of one can be cast to the other.</remarks>
public readonly struct BFloat16 : IEquatable<BFloat16>
{
    private BFloat16(ushort bits)
    {
        Bits = bits;
    }

    /// <summary>The bit pattern.</summary>
    public ushort Bits { get; }

    /// <summary>The value with this bit pattern.</summary>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The nearest value, of two equally near the one with an even bit pattern; a NaN stays one.</summary>
    public static BFloat16 FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);

        // Cut off like other values, a NaN whose low mantissa bits alone are set would become an infinity.
        return float.IsNaN(value)
            ? new BFloat16((ushort)((bits >> 16) | 0x40))
            : new BFloat16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>The same value.</summary>
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)Bits << 16);

    /// <inheritdoc cref="ToSingle()"/>
    [SuppressMessage("Usage", "CA2225", Justification = "ToSingle is the named alternate.")]
    public static implicit operator float(BFloat16 value) => value.ToSingle();

    /// <inheritdoc cref="FromSingle(float)"/>
    [SuppressMessage("Usage", "CA2225", Justification = "FromSingle is the named alternate.")]
    public static explicit operator BFloat16(float value) => FromSingle(value);

    /// <summary>True when both are the same number; false for a NaN.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => left.ToSingle() == right.ToSingle();

    /// <summary>True when both are not the same number.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => !(left == right);

    /// <summary>Converts many values.</summary>
    /// <param name="source">The values.</param>
    /// <param name="destination">At least as long.</param>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static void ConvertToSingle(ReadOnlySpan<BFloat16> source, Span<float> destination)
    {
        // In parts that stay in the first cache between the two passes.
        const int Part = 2048;
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<BFloat16, ushort>(source);
        if (destination.Length < bits.Length)
        {
            throw new ArgumentException($"{bits.Length} values do not fit into {destination.Length}", nameof(destination));
        }

        Span<uint> wide = MemoryMarshal.Cast<float, uint>(destination[..bits.Length]);
        while (!bits.IsEmpty)
        {
            int length = Math.Min(Part, bits.Length);
            TensorPrimitives.ConvertTruncating(bits[..length], wide[..length]);
            TensorPrimitives.ShiftLeft(wide[..length], 16, wide);
            bits = bits[length..];
            wide = wide[length..];
        }
    }

    /// <summary>True when both are the same number, or both are NaN.</summary>
    public bool Equals(BFloat16 other) => ToSingle().Equals(other.ToSingle());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToSingle().GetHashCode();

    /// <summary>The value as a <see cref="float"/> is written, independent of culture.</summary>
    public override string ToString() => ToSingle().ToString(CultureInfo.InvariantCulture);
}
