using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelPack.OnnxRuntime.Verification;

/// <summary>How the values of inputs are drawn.</summary>
internal enum InputRange
{
    /// <summary>Floats from -1 to 1; integers, which may be indices, 0 or 1; bytes of any value.</summary>
    Mixed,

    /// <summary>Floats from 0.5 to 1.5, integers 1: for sizes and scales.</summary>
    Ones,

    /// <summary>Floats from 0 to 1, integers 0.</summary>
    Zeros,
}

/// <summary>Makes inputs of random values.</summary>
/// <remarks>
/// Integers alone or in a list are 1: they are mostly sizes and steps, and by 0 ONNX Runtime divides in places, which ends
/// the process.
/// </remarks>
internal static class InputValues
{
    // Text that some models read as numbers.
    private static readonly string[] Words = ["1", "0", "2.5", "-3"];

    /// <summary>A tensor with values that depend on the generator alone.</summary>
    public static OrtValue Make(TensorElementType type, long[] shape, InputRange range, Random random)
    {
        if (type == TensorElementType.String)
        {
            OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            long count = shape.Aggregate(1L, static (product, dim) => product * dim);
            for (int i = 0; i < count; i++)
            {
                texts.StringTensorSetElementAt(Words[random.Next(Words.Length)].AsSpan(), i);
            }

            return texts;
        }

        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        if (!shape.Contains(0))
        {
            Fill(value.GetTensorMutableRawData(), type, range, shape.Length > 1, random);
        }

        return value;
    }

    private static void Fill(Span<byte> bytes, TensorElementType type, InputRange range, bool mayBeZero, Random random)
    {
        switch (type)
        {
            case TensorElementType.Float or TensorElementType.Complex64:
                foreach (ref float element in MemoryMarshal.Cast<byte, float>(bytes))
                {
                    element = NextFloat(range, random);
                }

                break;
            case TensorElementType.Double or TensorElementType.Complex128:
                foreach (ref double element in MemoryMarshal.Cast<byte, double>(bytes))
                {
                    element = NextFloat(range, random);
                }

                break;
            case TensorElementType.Float16:
                foreach (ref Half element in MemoryMarshal.Cast<byte, Half>(bytes))
                {
                    element = (Half)NextFloat(range, random);
                }

                break;
            case TensorElementType.BFloat16:
                foreach (ref ushort element in MemoryMarshal.Cast<byte, ushort>(bytes))
                {
                    element = (ushort)(BitConverter.SingleToUInt32Bits(NextFloat(range, random)) >> 16);
                }

                break;
            case TensorElementType.Int64 or TensorElementType.UInt64:
                foreach (ref long element in MemoryMarshal.Cast<byte, long>(bytes))
                {
                    element = NextInteger(range, mayBeZero, random);
                }

                break;
            case TensorElementType.Int32 or TensorElementType.UInt32:
                foreach (ref int element in MemoryMarshal.Cast<byte, int>(bytes))
                {
                    element = NextInteger(range, mayBeZero, random);
                }

                break;
            case TensorElementType.Int16 or TensorElementType.UInt16:
                foreach (ref short element in MemoryMarshal.Cast<byte, short>(bytes))
                {
                    element = (short)NextInteger(range, mayBeZero, random);
                }

                break;
            case TensorElementType.Bool:
                foreach (ref byte element in bytes)
                {
                    element = (byte)random.Next(2);
                }

                break;
            case TensorElementType.UInt8 or TensorElementType.Int8:
                foreach (ref byte element in bytes)
                {
                    element = range == InputRange.Mixed ? (byte)random.Next(256) : (byte)NextInteger(range, mayBeZero, random);
                }

                break;
            default:
                // 8-bit floats and smaller elements: no pattern below this is a NaN.
                foreach (ref byte element in bytes)
                {
                    element = (byte)random.Next(0x40);
                }

                break;
        }
    }

    private static float NextFloat(InputRange range, Random random) => range switch
    {
        InputRange.Ones => 0.5f + random.NextSingle(),
        InputRange.Zeros => random.NextSingle(),
        _ => (2 * random.NextSingle()) - 1,
    };

    private static int NextInteger(InputRange range, bool mayBeZero, Random random) => range switch
    {
        InputRange.Mixed when mayBeZero => random.Next(2),
        InputRange.Zeros when mayBeZero => 0,
        _ => 1,
    };
}
