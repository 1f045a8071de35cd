using ModelPack.Coding;

namespace ModelPack.Pipeline;

/// <summary>How a tensor's elements lie in rows (one output channel each) and tiles (the taps of a kernel), from its shape.</summary>
/// <param name="RowLength">Elements of a row; 0 when nothing is known.</param>
/// <param name="TileLength">Elements of a tile.</param>
internal readonly record struct TensorGeometry(int RowLength, int TileLength)
{
    // Kernels are smaller, so longer tails are dimensions of their own.
    private const int MostTile = 64;

    /// <summary>Output channels outermost, input channels next, taps innermost, as convolutions and matrices have them.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="elements">Elements it has in the file: where the shape tells of another number, nothing is known.</param>
    public static TensorGeometry Of(TensorInfo tensor, long elements)
    {
        ReadOnlySpan<ulong> shape = tensor.Shape.AsSpan();
        while (shape.Length > 1 && shape[0] == 1)
        {
            shape = shape[1..];
        }

        if (tensor.Encoding != TensorEncoding.Raw || shape.Length < 2 || Product(shape) != elements)
        {
            return default;
        }

        long tile = Product(shape[2..]);
        long row = tile <= MostTile ? tile * (long)shape[1] : (long)shape[^1];
        return row > PlaneLimits.MaxPlaneLength ? default : new TensorGeometry((int)row, tile <= MostTile ? (int)tile : 1);
    }

    /// <summary>What a coder may know of a plane.</summary>
    /// <param name="dtype">Of the elements.</param>
    /// <param name="plane">Which plane of the dtype's layout.</param>
    /// <param name="firstElement">The plane's first element, counted from the tensor's.</param>
    public PlaneGeometry OfPlane(Dtype dtype, int plane, long firstElement)
    {
        PlaneValues values = dtype switch
        {
            _ when RowLength == 0 || plane > 0 => PlaneValues.Unknown,
            Dtype.U8 => PlaneValues.Unsigned,
            Dtype.I8 => PlaneValues.Signed,
            Dtype.BF16 or Dtype.F32 => PlaneValues.RotatedExponents,
            Dtype.F16 => PlaneValues.HalfExponents,
            _ => PlaneValues.Unknown,
        };
        return values == PlaneValues.Unknown ? default : new PlaneGeometry(values, RowLength, TileLength, (int)(firstElement % RowLength));
    }

    // -1 when it is no length.
    private static long Product(ReadOnlySpan<ulong> lengths)
    {
        UInt128 product = 1;
        foreach (ulong length in lengths)
        {
            product *= length;
            if (product > long.MaxValue || product == 0)
            {
                return -1;
            }
        }

        return (long)product;
    }
}
