using System.Numerics;
using ModelPack.Container;
using ModelPack.Pipeline.Bases;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Bases;

/// <summary>Differences are those of FORMAT.md, computed here with integers of any size, at every length and alignment.</summary>
public sealed class BaseDifferenceTests
{
    public static TheoryData<byte, int> Operations => new() { { 1, 1 }, { 2, 1 }, { 3, 2 }, { 4, 4 }, { 5, 8 } };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_length_has_the_bytes_of_the_specification_and_comes_back(byte operation, int width)
    {
        var random = new Random(operation);
        for (int length = 0; length <= 40 * width; length += width)
        {
            // One byte in front, so that no element is aligned.
            byte[] original = new byte[length + 1];
            byte[] counterpart = new byte[length + 1];
            random.NextBytes(original);
            random.NextBytes(counterpart);
            Check((BaseOperation)operation, width, original.AsSpan(1), counterpart.AsSpan(1));
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Extremes_wrap_around(byte operation, int width)
    {
        byte[][] extremes = [[.. Enumerable.Repeat((byte)0, width)], [.. Enumerable.Repeat((byte)0xFF, width)], [.. new byte[width - 1], 0x80], [1, .. new byte[width - 1]]];
        byte[] original = [.. extremes.SelectMany(a => extremes.SelectMany(_ => a))];
        byte[] counterpart = [.. extremes.SelectMany(_ => extremes.SelectMany(static b => b))];
        Check((BaseOperation)operation, width, original, counterpart);
    }

    [Fact]
    public void Small_differences_are_small_numbers()
    {
        byte[] difference = new byte[10];
        BaseDifference.Make(BaseOperation.Subtract2, [0, 1, 255, 0, 1, 1, 254, 0, 2, 1], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], difference);
        Assert.Equal([0, 0, 1, 0, 2, 0, 3, 0, 4, 0], difference);
    }

    /// <summary>Elements that fill no vector, as all are without vectors.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public void Single_elements_allocate_nothing(byte operation, int width)
    {
        byte[] original = new byte[width], counterpart = new byte[width], difference = new byte[width];
        Assert.Equal(0, Allocations.InSteadyState(() =>
        {
            BaseDifference.Make((BaseOperation)operation, original, counterpart, difference);
            BaseDifference.Apply((BaseOperation)operation, difference, counterpart);
        }));
    }

    private static void Check(BaseOperation operation, int width, Span<byte> original, Span<byte> counterpart)
    {
        byte[] difference = new byte[original.Length];
        BaseDifference.Make(operation, original, counterpart, difference);
        for (int i = 0; i < original.Length; i += width)
        {
            var a = new BigInteger(original.Slice(i, width), isUnsigned: true);
            var b = new BigInteger(counterpart.Slice(i, width), isUnsigned: true);
            var z = new BigInteger(difference.AsSpan(i, width), isUnsigned: true);
            BigInteger modulus = BigInteger.One << (8 * width);
            BigInteger restored = operation == BaseOperation.Xor ? b ^ z : b + (z.IsEven ? z / 2 : -((z + 1) / 2));
            Assert.Equal(a, ((restored % modulus) + modulus) % modulus);
        }

        BaseDifference.Apply(operation, difference, counterpart);
        Assert.Equal(original.ToArray(), difference);
    }
}
