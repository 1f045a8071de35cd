using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Formats;
using ModelPack.Pipeline.Bases;
using ModelPack.Planes;

namespace ModelPack.Pipeline;

/// <summary>
/// Cuts a segment map into blocks. A large tensor is cut into blocks of its own; small neighbours of whatever kind share
/// a block, in which those of one dtype form one class, so that a tiny tensor does not pay for a table. Borders follow
/// from a segment's length, dtype and shape alone, so that equal segments have equal blocks.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="contexts">Where context ANS is tried: it wants longer blocks, with borders between rows.</param>
/// <param name="repeats">Which segments take part in repeats: those have blocks of their own.</param>
/// <param name="counterparts">Which segments a base has, byte for byte: those, too.</param>
internal sealed class BlockPlanner(
    SegmentMap map, ContextTrial contexts = ContextTrial.Never, SegmentRepeats? repeats = null, BaseCounterparts? counterparts = null)
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
        if (SharesBlock(_segment))
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
            BlockClass blockClass = ClassOf(map, segment);
            if (!SharesBlock(_segment) || !plan.HasRoomFor(blockClass, ContainerLimits.MaxClasses)
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
        long blockLength = BlockLength(map, segment, contexts);
        long length = Math.Min(blockLength, segment.Length - _segmentDone);
        BlockClass blockClass = ClassOf(map, segment);
        plan.Add(blockClass, (int)length, segment.TensorIndex);
        plan.Lay(GeometryOf(map, segment), _segmentDone / ElementSize(blockClass));
        plan.Role = repeats?.RoleOf(_segment, (int)(_segmentDone / blockLength)) ?? default;
        _segmentDone += length;
        if (_segmentDone == segment.Length)
        {
            _segment++;
            _segmentDone = 0;
        }
    }

    /// <summary>Bytes of each block of a segment that shares none, but for the last, which may have fewer.</summary>
    public static long BlockLength(SegmentMap map, Segment segment, ContextTrial contexts)
    {
        BlockClass blockClass = ClassOf(map, segment);
        int elementSize = ElementSize(blockClass);
        long elements = segment.Length / elementSize;
        PlaneGeometry plane = GeometryOf(map, segment).OfPlane(blockClass.Dtype, plane: 0, firstElement: 0);
        bool isForContexts = PlaneChooser.TriesContexts(contexts, plane);
        long target = segment.IsStructure ? StructureLength : isForContexts ? ContextElements : TargetElements;

        // Equal parts, so that no block is a small remainder.
        long blocks = Math.Max(1, (elements + (target / 2)) / target);
        long perBlock = (((elements + blocks - 1) / blocks) + ElementStep - 1) / ElementStep * ElementStep;
        if (isForContexts && blocks > 1 && plane.RowLength <= perBlock / 4)
        {
            perBlock = Math.Max(1, (perBlock + (plane.RowLength / 2)) / plane.RowLength) * plane.RowLength;
        }

        return perBlock * elementSize;
    }

    private static TensorGeometry GeometryOf(SegmentMap map, Segment segment) => segment.IsStructure
        ? default
        : TensorGeometry.Of(map.Tensors[segment.TensorIndex], segment.Length / ElementSize(ClassOf(map, segment)));

    /// <summary>True for a segment that shares a block with its neighbours, if nothing else speaks against it.</summary>
    public static bool IsSmall(SegmentMap map, Segment segment) => segment.IsStructure
        ? segment.Length < SharedLength
        : segment.Length < (long)SmallElements * ElementSize(ClassOf(map, segment));

    private bool SharesBlock(int segment) =>
        _segmentDone == 0 && IsSmall(map, map.Segments[segment]) && repeats?.Has(segment) != true && counterparts?.IsEqual(segment) != true;

    private static BlockClass ClassOf(SegmentMap map, Segment segment)
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
