using System.Numerics;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>Exponential Golomb codes for numbers that are small as a rule (SPEC.md, "Numbers").</summary>
internal static class ContextAnsNumbers
{
    /// <summary>Most zeros before the first one: numbers stay below 2^12.</summary>
    public const int MaxZeros = 11;

    /// <summary>Bits that a number takes.</summary>
    public static int LengthOf(int number, int order) => (2 * BitOperations.Log2((uint)(number >> order) + 1)) + 1 + order;

    public static bool TryWrite(int number, int order, ref BitWriter writer)
    {
        uint high = (uint)(number >> order) + 1;
        int zeros = BitOperations.Log2(high);
        uint mask = (1u << zeros) - 1;
        return writer.TryWrite(1u << zeros, zeros + 1)
            && writer.TryWrite(high & mask, zeros)
            && writer.TryWrite((uint)number & ((1u << order) - 1), order);
    }

    /// <exception cref="ModelPackException">The bits ended or are no number.</exception>
    public static int Read(int order, ref BitReader reader)
    {
        int zeros = 0;
        while (reader.Read(1) == 0)
        {
            if (++zeros > MaxZeros)
            {
                ContextAnsThrow.Corrupt($"a number begins with more than {MaxZeros} zero bits, or its bits are not there");
            }
        }

        int high = (int)reader.Read(zeros) | (1 << zeros);
        return ((high - 1) << order) | (int)reader.Read(order);
    }

    /// <summary>0, -1, 1, -2, 2, … as 0, 1, 2, 3, 4, ….</summary>
    public static int Fold(int number) => (number << 1) ^ (number >> 31);

    public static int Unfold(int folded) => (folded >> 1) ^ -(folded & 1);
}
