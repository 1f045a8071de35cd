using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Container;

namespace ModelPack.Pipeline.Bases;

/// <summary>
/// Bytes and those of a base → what tells them apart, and back (Container/FORMAT.md, "Differences"). All spans have one
/// length, a whole number of elements; the result may lie where the first input does.
/// </summary>
internal static class BaseDifference
{
    /// <summary>What restores <paramref name="original"/> from <paramref name="baseBytes"/>.</summary>
    public static void Make(BaseOperation operation, ReadOnlySpan<byte> original, ReadOnlySpan<byte> baseBytes, Span<byte> difference)
    {
        switch (operation)
        {
            case BaseOperation.Xor:
                Combine<sbyte, ExclusiveOr>(original, baseBytes, difference);
                break;
            case BaseOperation.Subtract1:
                Combine<sbyte, Subtraction>(original, baseBytes, difference);
                break;
            case BaseOperation.Subtract2:
                Combine<short, Subtraction>(original, baseBytes, difference);
                break;
            case BaseOperation.Subtract4:
                Combine<int, Subtraction>(original, baseBytes, difference);
                break;
            default:
                Combine<long, Subtraction>(original, baseBytes, difference);
                break;
        }
    }

    /// <summary>Restores in place what <see cref="Make"/> made a difference of.</summary>
    public static void Apply(BaseOperation operation, Span<byte> difference, ReadOnlySpan<byte> baseBytes)
    {
        switch (operation)
        {
            case BaseOperation.Xor:
                Combine<sbyte, ExclusiveOr>(difference, baseBytes, difference);
                break;
            case BaseOperation.Subtract1:
                Combine<sbyte, Addition>(difference, baseBytes, difference);
                break;
            case BaseOperation.Subtract2:
                Combine<short, Addition>(difference, baseBytes, difference);
                break;
            case BaseOperation.Subtract4:
                Combine<int, Addition>(difference, baseBytes, difference);
                break;
            default:
                Combine<long, Addition>(difference, baseBytes, difference);
                break;
        }
    }

    private static void Combine<T, TOperation>(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result)
        where T : unmanaged, IBinaryInteger<T>
        where TOperation : struct, IElementOperation
    {
        int done = 0;
        if (BitConverter.IsLittleEndian && Vector.IsHardwareAccelerated)
        {
            ref byte leftStart = ref MemoryMarshal.GetReference(left);
            ref byte rightStart = ref MemoryMarshal.GetReference(right[..left.Length]);
            ref byte resultStart = ref MemoryMarshal.GetReference(result[..left.Length]);
            for (; done <= left.Length - Vector<byte>.Count; done += Vector<byte>.Count)
            {
                var a = Unsafe.ReadUnaligned<Vector<T>>(ref Unsafe.Add(ref leftStart, done));
                var b = Unsafe.ReadUnaligned<Vector<T>>(ref Unsafe.Add(ref rightStart, done));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref resultStart, done), TOperation.Combine(a, b));
            }
        }

        CombineScalar<T, TOperation>(left[done..], right[done..], result[done..]);
    }

    private static void CombineScalar<T, TOperation>(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result)
        where T : unmanaged, IBinaryInteger<T>
        where TOperation : struct, IElementOperation
    {
        int size = Unsafe.SizeOf<T>();
        for (int i = 0; i <= left.Length - size; i += size)
        {
            // Read- and WriteLittleEndian would box each element: they have their bodies in the interface.
            _ = T.TryReadLittleEndian(left.Slice(i, size), isUnsigned: false, out T a);
            _ = T.TryReadLittleEndian(right.Slice(i, size), isUnsigned: false, out T b);
            _ = TOperation.Combine(a, b).TryWriteLittleEndian(result[i..], out _);
        }
    }

    private interface IElementOperation
    {
        static abstract T Combine<T>(T a, T b)
            where T : unmanaged, IBinaryInteger<T>;

        static abstract Vector<T> Combine<T>(Vector<T> a, Vector<T> b)
            where T : unmanaged, IBinaryInteger<T>;
    }

    private readonly struct ExclusiveOr : IElementOperation
    {
        public static T Combine<T>(T a, T b)
            where T : unmanaged, IBinaryInteger<T> => a ^ b;

        public static Vector<T> Combine<T>(Vector<T> a, Vector<T> b)
            where T : unmanaged, IBinaryInteger<T> => a ^ b;
    }

    /// <summary>a − b as a small number whatever its sign: 0, −1, 1, −2 … become 0, 1, 2, 3 ….</summary>
    private readonly struct Subtraction : IElementOperation
    {
        public static T Combine<T>(T a, T b)
            where T : unmanaged, IBinaryInteger<T>
        {
            T difference = unchecked(a - b);
            return (difference << 1) ^ (difference >> ((8 * Unsafe.SizeOf<T>()) - 1));
        }

        public static Vector<T> Combine<T>(Vector<T> a, Vector<T> b)
            where T : unmanaged, IBinaryInteger<T>
        {
            Vector<T> difference = a - b;
            return (difference << 1) ^ (difference >> ((8 * Unsafe.SizeOf<T>()) - 1));
        }
    }

    /// <summary>The inverse: a is such a number, b what it is added to.</summary>
    private readonly struct Addition : IElementOperation
    {
        public static T Combine<T>(T a, T b)
            where T : unmanaged, IBinaryInteger<T> => unchecked(b + ((a >>> 1) ^ -(a & T.One)));

        public static Vector<T> Combine<T>(Vector<T> a, Vector<T> b)
            where T : unmanaged, IBinaryInteger<T> => b + ((a >>> 1) ^ -(a & Vector<T>.One));
    }
}
