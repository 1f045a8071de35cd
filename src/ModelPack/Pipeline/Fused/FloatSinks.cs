using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack.Pipeline.Fused;

/// <summary>Joins decoded exponents with plane 1 to BFloat16 values.</summary>
internal unsafe struct BFloat16Sink(byte* signMantissa, byte* elements) : ISymbolSink
{
    private const int Half = GroupOrder.GroupSize / 2;

    private byte* _signMantissa = signMantissa;
    private byte* _elements = elements;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(Vector512<byte> symbols)
    {
        GroupsAhead.Prefetch(_signMantissa, GroupOrder.GroupSize);
        GroupsAhead.Prefetch(_elements, GroupOrder.GroupSize * BFloat16Format.ElementSize);
        if (Lanes512.IsSupported)
        {
            BFloat16Group<Lanes512>.MergeVector(new Lanes512(symbols), _signMantissa, _elements);
        }
        else
        {
            BFloat16Group<Lanes256>.MergeVector(new Lanes256(symbols.GetLower()), _signMantissa, _elements);
            BFloat16Group<Lanes256>.MergeVector(new Lanes256(symbols.GetUpper()), _signMantissa + Half, _elements + Half);
        }

        _signMantissa += GroupOrder.GroupSize;
        _elements += GroupOrder.GroupSize * BFloat16Format.ElementSize;
    }
}

/// <summary>Joins decoded exponents with planes 1 to 3 to Float32 values.</summary>
internal unsafe struct Float32Sink(byte* signMantissa, byte* middle, byte* low, byte* elements) : ISymbolSink
{
    private const int Half = GroupOrder.GroupSize / 2;

    private byte* _signMantissa = signMantissa;
    private byte* _middle = middle;
    private byte* _low = low;
    private byte* _elements = elements;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(Vector512<byte> symbols)
    {
        GroupsAhead.Prefetch(_signMantissa, GroupOrder.GroupSize);
        GroupsAhead.Prefetch(_middle, GroupOrder.GroupSize);
        GroupsAhead.Prefetch(_low, GroupOrder.GroupSize);
        GroupsAhead.Prefetch(_elements, GroupOrder.GroupSize * Float32Format.ElementSize);
        if (Lanes512.IsSupported)
        {
            Float32Group<Lanes512>.MergeVector(new Lanes512(symbols), _signMantissa, _middle, _low, _elements);
        }
        else
        {
            Float32Group<Lanes256>.MergeVector(new Lanes256(symbols.GetLower()), _signMantissa, _middle, _low, _elements);
            Float32Group<Lanes256>.MergeVector(
                new Lanes256(symbols.GetUpper()), _signMantissa + Half, _middle + Half, _low + Half, _elements + (2 * Half));
        }

        _signMantissa += GroupOrder.GroupSize;
        _middle += GroupOrder.GroupSize;
        _low += GroupOrder.GroupSize;
        _elements += GroupOrder.GroupSize * Float32Format.ElementSize;
    }
}

/// <summary>Joins decoded exponents (and top mantissa bits) with planes 1 and 2 to Float16 values.</summary>
internal unsafe struct Float16Sink(byte* mantissa, byte* pairs, byte* elements) : ISymbolSink
{
    private const int Half = GroupOrder.GroupSize / 2;
    private const int PairBytes = GroupOrder.GroupSize / 4;

    private byte* _mantissa = mantissa;
    private byte* _pairs = pairs;
    private byte* _elements = elements;
    private Vector512<byte> _seen;

    /// <summary>False when an exponent had a bit set where every split writes zero; the elements are then undefined.</summary>
    public readonly bool IsSound => (_seen & Vector512.Create(Float16Group<Lanes512>.UnusedExponentBits)) == Vector512<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(Vector512<byte> symbols)
    {
        _seen |= symbols;
        GroupsAhead.Prefetch(_mantissa, GroupOrder.GroupSize);
        GroupsAhead.Prefetch(_elements, GroupOrder.GroupSize * Float16Format.ElementSize);
        if (Lanes512.IsSupported)
        {
            Float16Group<Lanes512>.MergeVector(new Lanes512(symbols), _mantissa, _pairs, 0, _elements);
        }
        else
        {
            Float16Group<Lanes256>.MergeVector(new Lanes256(symbols.GetLower()), _mantissa, _pairs, 0, _elements);
            Float16Group<Lanes256>.MergeVector(
                new Lanes256(symbols.GetUpper()), _mantissa + Half, _pairs, Half / Vector128<byte>.Count, _elements + Half);
        }

        _mantissa += GroupOrder.GroupSize;
        _pairs += PairBytes;
        _elements += GroupOrder.GroupSize * Float16Format.ElementSize;
    }
}
