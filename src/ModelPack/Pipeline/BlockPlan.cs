using System.Runtime.InteropServices;

namespace ModelPack.Pipeline;

/// <summary>A part of a block that belongs to one segment.</summary>
/// <param name="ClassIndex">Which of the block's classes its bytes join.</param>
/// <param name="Length">Bytes.</param>
/// <param name="TensorIndex">The tensor, or -1 for structure.</param>
internal readonly record struct BlockSlice(int ClassIndex, int Length, int TensorIndex);

/// <summary>A class of bytes in a block: what is split and coded together.</summary>
internal readonly record struct BlockClass(Dtype Dtype, TensorEncoding Encoding);

/// <summary>What one block covers: a contiguous range of the file, cut into slices of one or more classes. Reused.</summary>
internal sealed class BlockPlan
{
    private readonly List<BlockClass> _classes = [];
    private readonly List<BlockSlice> _slices = [];

    /// <summary>First byte in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes in all.</summary>
    public int Length { get; private set; }

    /// <summary>The part that the block plays in repeats.</summary>
    public BlockRole Role { get; set; }

    /// <summary>How the elements of the only slice lie in their tensor; unknown in blocks of several slices.</summary>
    public TensorGeometry Geometry { get; private set; }

    /// <summary>The first element of the only slice, counted from its tensor's.</summary>
    public long FirstElement { get; private set; }

    public ReadOnlySpan<BlockClass> Classes => CollectionsMarshal.AsSpan(_classes);

    public ReadOnlySpan<BlockSlice> Slices => CollectionsMarshal.AsSpan(_slices);

    public void Clear(long offset)
    {
        Offset = offset;
        Length = 0;
        Role = default;
        Geometry = default;
        _classes.Clear();
        _slices.Clear();
    }

    /// <summary>Says how the elements of the only slice lie.</summary>
    public void Lay(TensorGeometry geometry, long firstElement)
    {
        Geometry = geometry;
        FirstElement = firstElement;
    }

    /// <summary>True when a slice of that class can join without exceeding this many classes.</summary>
    public bool HasRoomFor(BlockClass blockClass, int maxClasses) => _classes.Count < maxClasses || _classes.Contains(blockClass);

    public void Add(BlockClass blockClass, int length, int tensorIndex)
    {
        int index = _classes.IndexOf(blockClass);
        if (index < 0)
        {
            index = _classes.Count;
            _classes.Add(blockClass);
        }

        _slices.Add(new BlockSlice(index, length, tensorIndex));
        Length += length;
    }
}
