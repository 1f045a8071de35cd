using System.Collections.Immutable;

namespace ModelPack.Planes;

/// <summary>
/// How the elements of one dtype are cut into byte planes (SPEC.md), and where the planes lie in a plane buffer.
/// An element is what the layout cuts: a C64 or C128 number counts as two.
/// </summary>
/// <remarks>
/// A plane buffer holds all planes of a block. Each starts at a multiple of 64 bytes from the buffer's start and has at
/// least <see cref="Slack"/> bytes behind it that kernels and coders may read and overwrite.
/// </remarks>
internal sealed class PlaneLayout
{
    /// <summary>Most element bytes in one block: 16 MiB (Container/FORMAT.md, "Limits").</summary>
    public const int MaxElementBytes = 1 << 24;

    /// <summary>Bytes behind each plane that belong to no plane: one vector of the widest kind.</summary>
    public const int Slack = 64;

    private const int PlaneAlignment = 64;

    // In the order of the wire ids.
    private static readonly PlaneLayout[] All =
    [
        new(PlaneLayoutId.Bytes, 1, ["bytes"]),
        new(PlaneLayoutId.Float16, 2, ["exponent-mantissa-top", "mantissa-low", "sign-mantissa-bit"]),
        new(PlaneLayoutId.BFloat16, 2, ["exponent", "sign-mantissa"]),
        new(PlaneLayoutId.Float32, 4, ["exponent", "sign-mantissa-high", "mantissa-middle", "mantissa-low"]),
        new(PlaneLayoutId.Float64, 8,
            ["exponent", "exponent-mantissa", "mantissa-5", "mantissa-4", "mantissa-3", "mantissa-2", "mantissa-1", "mantissa-sign"]),
        new(PlaneLayoutId.Bytes2, 2, ["byte-0", "byte-1"]),
        new(PlaneLayoutId.Bytes4, 4, ["byte-0", "byte-1", "byte-2", "byte-3"]),
        new(PlaneLayoutId.Bytes8, 8, ["byte-0", "byte-1", "byte-2", "byte-3", "byte-4", "byte-5", "byte-6", "byte-7"]),
    ];

    private PlaneLayout(PlaneLayoutId id, int elementSize, ImmutableArray<string> planeNames)
    {
        Id = id;
        ElementSize = elementSize;
        PlaneNames = planeNames;
    }

    public PlaneLayoutId Id { get; }

    /// <summary>Bytes of one element.</summary>
    public int ElementSize { get; }

    public int PlaneCount => PlaneNames.Length;

    /// <summary>Whether the elements are floats of up to four bytes: exponents of few values, and noise.</summary>
    public bool IsOfFloats => Id is PlaneLayoutId.Float16 or PlaneLayoutId.BFloat16 or PlaneLayoutId.Float32;

    /// <summary>A name for each plane, for reports.</summary>
    public ImmutableArray<string> PlaneNames { get; }

    /// <summary>True when the value is one of the defined wire ids.</summary>
    public static bool IsDefined(PlaneLayoutId id) => (int)id < All.Length;

    /// <summary>The layout with this wire id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not defined; ids from a file go through <see cref="IsDefined"/> first.</exception>
    public static PlaneLayout For(PlaneLayoutId id) => IsDefined(id)
        ? All[(int)id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, "not a defined plane layout");

    /// <summary>The layout for a tensor's bytes (SPEC.md, "Which dtype has which layout").</summary>
    /// <exception cref="ArgumentOutOfRangeException">The dtype is not defined.</exception>
    public static PlaneLayout For(Dtype dtype, TensorEncoding encoding) => For(encoding == TensorEncoding.Raw ? IdFor(dtype) : PlaneLayoutId.Bytes);

    /// <summary>Bytes in one plane of a block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane, or no block has so many elements.</exception>
    public int PlaneLength(int plane, int elementCount)
    {
        CheckPlane(plane);
        CheckElementCount(elementCount);
        return Id == PlaneLayoutId.Float16 && plane == 2 ? (elementCount + 3) / 4 : elementCount;
    }

    /// <summary>Where a plane starts in the plane buffer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane, or no block has so many elements.</exception>
    public int PlaneOffset(int plane, int elementCount)
    {
        CheckPlane(plane);
        return plane * PlaneStride(elementCount);
    }

    /// <summary>Bytes of a buffer for all planes of a block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No block has so many elements.</exception>
    public int BufferLength(int elementCount) => PlaneCount * PlaneStride(elementCount);

    /// <summary>Distance between the starts of neighbouring planes; no plane is longer than the element count.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No block has so many elements.</exception>
    public int PlaneStride(int elementCount)
    {
        CheckElementCount(elementCount);
        return (elementCount + Slack + PlaneAlignment - 1) & -PlaneAlignment;
    }

    private static PlaneLayoutId IdFor(Dtype dtype) => dtype switch
    {
        Dtype.F16 => PlaneLayoutId.Float16,
        Dtype.BF16 => PlaneLayoutId.BFloat16,
        Dtype.F32 or Dtype.C64 => PlaneLayoutId.Float32,
        Dtype.F64 or Dtype.C128 => PlaneLayoutId.Float64,
        Dtype.U16 or Dtype.I16 => PlaneLayoutId.Bytes2,
        Dtype.U32 or Dtype.I32 => PlaneLayoutId.Bytes4,
        Dtype.U64 or Dtype.I64 => PlaneLayoutId.Bytes8,
        _ when dtype.IsDefined() => PlaneLayoutId.Bytes,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not a defined dtype"),
    };

    private void CheckPlane(int plane)
    {
        if ((uint)plane >= (uint)PlaneCount)
        {
            PlanesThrow.NoSuchPlane(this, plane);
        }
    }

    private void CheckElementCount(int elementCount)
    {
        if ((uint)elementCount > (uint)(MaxElementBytes / ElementSize))
        {
            PlanesThrow.TooManyElements(this, elementCount);
        }
    }
}
