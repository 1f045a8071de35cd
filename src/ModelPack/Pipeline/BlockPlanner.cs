using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Formats;
using ModelPack.Planes;

namespace ModelPack.Pipeline;

/// <summary>
/// Cuts a segment map into blocks. A large tensor is cut into blocks of its own; small neighbours of whatever kind share
/// a block, in which those of one dtype form one class, so that a tiny tensor does not pay for a table.
/// </summary>
internal sealed class BlockPlanner(SegmentMap map, ContextTrial contexts = ContextTrial.Never)
{
    /// <summary>
    /// Elements a block of a large tensor aims at. Measured: 128 to 256 Ki are best; below, tables and states cost more
    /// than they adapt; above, blocks mix parts of different scale.
    /// </summary>
    public const int TargetElements = 128 * 1024;

    /// <summary>
    /// Elements a block aims at where the context coder is tried: its tables cost more, and tell parts of different scale apart.
    /// </summary>
    public const int ContextElements = 1024 * 1024;

    /// <summary>Tensors below this many elements share blocks: under it the fixed cost of the lane coder shows.</summary>
    public const int SmallElements = 32 * 1024;

    /// <summary>Bytes a shared block aims at, and the largest single structure segment that joins one.</summary>
    public const int SharedLength = 256 * 1024;

    /// <summary>Bytes a block of structure aims at: dictionary coding gains from length.</summary>
    public const int StructureLength = 1024 * 1024;

    /// <summary>Blocks start at multiples of this many elements of a tensor, the lane coder's step.</summary>
    private const int ElementStep = 128;

    private int _segment;
    private long _segmentDone;

    /// <summary>Plans the next block; false when the file is covered.</summary>
    public bool Next(BlockPlan plan)
    {
        if (_segment == map.Segments.Length)
        {
            return false;
        }

        Segment first = map.Segments[_segment];
        plan.Clear(first.Offset + _segmentDone);
        if (IsSmall(first) && _segmentDone == 0)
        {
            Share(plan);
        }
        else
        {
            CutLarge(plan, first);
        }

        return true;
    }

    private void Share(BlockPlan plan)
    {
        do
        {
            Segment segment = map.Segments[_segment];
            BlockClass blockClass = ClassOf(segment);
            if (!IsSmall(segment) || !plan.HasRoomFor(blockClass, ContainerLimits.MaxClasses)
                || plan.Slices.Length == ContainerLimits.MaxRuns
                || (plan.Length > 0 && plan.Length + segment.Length > SharedLength))
            {
                return;
            }

            plan.Add(blockClass, (int)segment.Length, segment.TensorIndex);
            _segment++;
        }
        while (_segment < map.Segments.Length);
    }

    private void CutLarge(BlockPlan plan, Segment segment)
    {
        BlockClass blockClass = ClassOf(segment);
        int elementSize = ElementSize(blockClass);
        long elements = segment.Length / elementSize;
        TensorGeometry geometry = segment.IsStructure ? default : TensorGeometry.Of(map.Tensors[segment.TensorIndex], elements);
        PlaneGeometry plane = geometry.OfPlane(blockClass.Dtype, plane: 0, firstElement: 0);
        bool isForContexts = PlaneChooser.TriesContexts(contexts, plane);
        long target = segment.IsStructure ? StructureLength : isForContexts ? ContextElements : TargetElements;

        // Equal parts, so that no block is a small remainder.
        long blocks = Math.Max(1, (elements + (target / 2)) / target);
        long perBlock = (((elements + blocks - 1) / blocks) + ElementStep - 1) / ElementStep * ElementStep;
        if (isForContexts && blocks > 1)
        {
            perBlock = Math.Max(1, (perBlock + (plane.RowLength / 2)) / plane.RowLength) * plane.RowLength;
        }

        long length = Math.Min(perBlock * elementSize, segment.Length - _segmentDone);
        plan.Add(blockClass, (int)length, segment.TensorIndex);
        plan.Lay(geometry, _segmentDone / elementSize);
        _segmentDone += length;
        if (_segmentDone == segment.Length)
        {
            _segment++;
            _segmentDone = 0;
        }
    }

    private bool IsSmall(Segment segment) => segment.IsStructure
        ? segment.Length < SharedLength
        : segment.Length < (long)SmallElements * ElementSize(ClassOf(segment));

    private BlockClass ClassOf(Segment segment)
    {
        if (segment.IsStructure)
        {
            return new BlockClass(Dtype.None, TensorEncoding.Raw);
        }

        TensorInfo tensor = map.Tensors[segment.TensorIndex];
        var blockClass = new BlockClass(tensor.Dtype, tensor.Encoding);

        // A part of a tensor that is no whole number of elements can only be coded as bytes.
        return segment.Length % ElementSize(blockClass) == 0 ? blockClass : new BlockClass(Dtype.None, TensorEncoding.Raw);
    }

    private static int ElementSize(BlockClass blockClass) => PlaneLayout.For(blockClass.Dtype, blockClass.Encoding).ElementSize;
}
