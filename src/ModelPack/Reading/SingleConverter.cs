using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace ModelPack.Reading;

/// <summary>Little-endian elements → floats.</summary>
internal static class SingleConverter
{
    /// <summary>True for a dtype whose elements have values as floats.</summary>
    public static bool Takes(Dtype dtype) => dtype is not (Dtype.None or Dtype.C64 or Dtype.C128 or Dtype.F6E2M3 or Dtype.F6E3M2);

    /// <param name="dtype">One that <see cref="Takes"/> takes.</param>
    /// <param name="bytes">The elements; lost where the machine is big-endian.</param>
    /// <param name="destination">As many as there are elements.</param>
    public static void Convert(Dtype dtype, Span<byte> bytes, Span<float> destination)
    {
        switch (dtype)
        {
            case Dtype.F16:
                TensorPrimitives.ConvertToSingle(Values<Half>(bytes), destination);
                break;
            case Dtype.BF16:
                BFloat16.ConvertToSingle(Values<BFloat16>(bytes), destination);
                break;
            case Dtype.F32:
                Values<float>(bytes).CopyTo(destination);
                break;
            case Dtype.F64:
                Truncate<double>(bytes, destination);
                break;
            case Dtype.U8:
                Truncate<byte>(bytes, destination);
                break;
            case Dtype.I8:
                Truncate<sbyte>(bytes, destination);
                break;
            case Dtype.U16:
                Truncate<ushort>(bytes, destination);
                break;
            case Dtype.I16:
                Truncate<short>(bytes, destination);
                break;
            case Dtype.U32:
                Truncate<uint>(bytes, destination);
                break;
            case Dtype.I32:
                Truncate<int>(bytes, destination);
                break;
            case Dtype.U64:
                Truncate<ulong>(bytes, destination);
                break;
            case Dtype.I64:
                Truncate<long>(bytes, destination);
                break;
            default:
                SmallElements.Convert(SmallElements.ValuesOf(dtype)!, bytes, destination);
                break;
        }
    }

    private static void Truncate<T>(Span<byte> bytes, Span<float> destination)
        where T : unmanaged, INumberBase<T> => TensorPrimitives.ConvertTruncating<T, float>(Values<T>(bytes), destination);

    private static Span<T> Values<T>(Span<byte> bytes)
        where T : unmanaged
    {
        Span<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        ElementType.FromFile(values);
        return values;
    }
}
