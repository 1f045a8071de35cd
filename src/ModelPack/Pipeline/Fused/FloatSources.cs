using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Pipeline.Fused;

/// <summary>Cuts BFloat16 values from the last to the first: gives their exponents and writes plane 1.</summary>
/// <param name="elements">The end of the elements; all of them in full groups.</param>
/// <param name="signMantissa">The end of plane 1.</param>
internal unsafe struct BFloat16Source(byte* elements, byte* signMantissa) : ISymbolSource
{
    private byte* _elements = elements;
    private byte* _signMantissa = signMantissa;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> TakeBefore()
    {
        _elements -= GroupOrder.GroupSize * BFloat16Format.ElementSize;
        _signMantissa -= GroupOrder.GroupSize;
        return BFloat16Group<Lanes512>.SplitVector(_elements, _signMantissa).Bytes;
    }
}

/// <summary>Cuts Float32 values from the last to the first: gives their exponents and writes planes 1 to 3.</summary>
/// <param name="elements">The end of the elements; all of them in full groups.</param>
/// <param name="signMantissa">The end of plane 1.</param>
/// <param name="middle">The end of plane 2.</param>
/// <param name="low">The end of plane 3.</param>
internal unsafe struct Float32Source(byte* elements, byte* signMantissa, byte* middle, byte* low) : ISymbolSource
{
    private byte* _elements = elements;
    private byte* _signMantissa = signMantissa;
    private byte* _middle = middle;
    private byte* _low = low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> TakeBefore()
    {
        _elements -= GroupOrder.GroupSize * Float32Format.ElementSize;
        _signMantissa -= GroupOrder.GroupSize;
        _middle -= GroupOrder.GroupSize;
        _low -= GroupOrder.GroupSize;
        return Float32Group<Lanes512>.SplitVector(_elements, _signMantissa, _middle, _low).Bytes;
    }
}

/// <summary>Cuts Float16 values from the last to the first: gives their exponents (and top mantissa bits) and writes planes 1 and 2.</summary>
/// <param name="elements">The end of the elements; all of them in full groups.</param>
/// <param name="mantissa">The end of plane 1.</param>
/// <param name="pairs">The end of plane 2.</param>
internal unsafe struct Float16Source(byte* elements, byte* mantissa, byte* pairs) : ISymbolSource
{
    private const int PairBytes = GroupOrder.GroupSize / 4;

    private byte* _elements = elements;
    private byte* _mantissa = mantissa;
    private byte* _pairs = pairs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> TakeBefore()
    {
        _elements -= GroupOrder.GroupSize * Float16Format.ElementSize;
        _mantissa -= GroupOrder.GroupSize;
        _pairs -= PairBytes;
        Vector128<byte> packed = Vector128<byte>.Zero;
        Vector512<byte> exponents = Float16Group<Lanes512>.SplitVector(_elements, _mantissa, 0, ref packed).Bytes;
        packed.Store(_pairs);
        return exponents;
    }
}
