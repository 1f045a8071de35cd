using System.Runtime.InteropServices;
using ModelPack.Planes;

namespace ModelPack.Comparison.Analysis;

/// <summary>The part of each element that coders model: its exponent, or the whole of an 8-bit element. In file order.</summary>
internal static class ElementSymbols
{
    /// <summary>Values that exponent and top mantissa bit together may have, whatever the layout.</summary>
    public const int JointCount = 512;

    /// <summary>Whether elements of that layout have such a part.</summary>
    public static bool Has(PlaneLayout layout) => layout.IsOfFloats || layout.Id == PlaneLayoutId.Bytes;

    /// <summary>
    /// Takes the symbols of plane 0, as numbers that grow with the value: the exponent of BFloat16 and Float32, exponent × 2 and
    /// top mantissa bit of Float16, the byte of Bytes, with the sign bit turned where it is signed.
    /// </summary>
    /// <param name="layout">How the elements are laid out.</param>
    /// <param name="elements">Whole elements.</param>
    /// <param name="isSigned">Whether bytes are signed numbers.</param>
    /// <param name="symbols">One for each element.</param>
    public static void Extract(PlaneLayout layout, ReadOnlySpan<byte> elements, bool isSigned, Span<byte> symbols)
    {
        switch (layout.Id)
        {
            case PlaneLayoutId.BFloat16:
                TakeBits(MemoryMarshal.Cast<byte, ushort>(elements), 7, symbols);
                break;
            case PlaneLayoutId.Float16:
                TakeHalfBits(MemoryMarshal.Cast<byte, ushort>(elements), symbols);
                break;
            case PlaneLayoutId.Float32:
                TakeBits(MemoryMarshal.Cast<byte, uint>(elements), 23, symbols);
                break;
            default:
                byte sign = isSigned ? (byte)0x80 : (byte)0;
                for (int i = 0; i < elements.Length; i++)
                {
                    symbols[i] = (byte)(elements[i] ^ sign);
                }

                break;
        }
    }

    /// <summary>Counts exponent × 2 + top mantissa bit of floats.</summary>
    public static void CountJoint(PlaneLayout layout, ReadOnlySpan<byte> elements, Span<long> counts)
    {
        switch (layout.Id)
        {
            case PlaneLayoutId.BFloat16:
                Count(MemoryMarshal.Cast<byte, ushort>(elements), 6, 0x1FF, counts);
                break;
            case PlaneLayoutId.Float16:
                Count(MemoryMarshal.Cast<byte, ushort>(elements), 9, 0x3F, counts);
                break;
            case PlaneLayoutId.Float32:
                foreach (uint element in MemoryMarshal.Cast<byte, uint>(elements))
                {
                    counts[(int)(element >> 22) & 0x1FF]++;
                }

                break;
            default:
                throw new ArgumentException($"layout {layout.Id} has no exponent and mantissa of their own", nameof(layout));
        }
    }

    private static void TakeBits(ReadOnlySpan<ushort> elements, int shift, Span<byte> symbols)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            symbols[i] = (byte)(elements[i] >> shift);
        }
    }

    private static void TakeBits(ReadOnlySpan<uint> elements, int shift, Span<byte> symbols)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            symbols[i] = (byte)(elements[i] >> shift);
        }
    }

    private static void TakeHalfBits(ReadOnlySpan<ushort> elements, Span<byte> symbols)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            symbols[i] = (byte)((elements[i] >> 9) & 0x3F);
        }
    }

    private static void Count(ReadOnlySpan<ushort> elements, int shift, int mask, Span<long> counts)
    {
        foreach (ushort element in elements)
        {
            counts[(element >> shift) & mask]++;
        }
    }
}
