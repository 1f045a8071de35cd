using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Formats;

namespace ModelPack.Pipeline.Recovery;

/// <summary>A block that an index lists or a scan has found.</summary>
/// <param name="Ordinal">Ordinal of its frame.</param>
/// <param name="FrameOffset">Where the frame stands in the container.</param>
/// <param name="FrameLength">Bytes of the frame.</param>
/// <param name="Length">Bytes that it restores.</param>
internal sealed record FoundBlock(long Ordinal, long FrameOffset, int FrameLength, int Length)
{
    /// <summary>Where its bytes start in the original file; -1 when that is not known.</summary>
    public long Start { get; set; } = -1;

    /// <summary>Why it cannot be restored; null as long as nothing speaks against it.</summary>
    public ModelPackException? Fault { get; set; }
}

/// <summary>Frames between two that were found, which were not.</summary>
/// <param name="BlocksBefore">Blocks of the file that were found before them.</param>
/// <param name="Ordinal">Ordinal of the first of them.</param>
/// <param name="Count">How many they are; 0 when that is not known.</param>
/// <param name="Offset">Where they start in the container.</param>
/// <param name="Length">Bytes of the container up to the next frame found, or to its end.</param>
/// <param name="Fault">What was found there.</param>
internal sealed record FrameGap(int BlocksBefore, long Ordinal, long Count, long Offset, long Length, ModelPackException Fault);

/// <summary>A file of a damaged container, as far as it is known.</summary>
internal sealed class FoundFile(FileStart start)
{
    public FileStart Start => start;

    /// <summary>Its last frame; null when it was not found.</summary>
    public FileEnd? End { get; set; }

    /// <summary>Where the file's frame stands in the container.</summary>
    public long FrameOffset { get; init; }

    /// <summary>Ordinal of the file's frame.</summary>
    public long Ordinal { get; init; }

    public List<FoundBlock> Blocks { get; } = [];

    /// <summary>The number in the file of the block whose frame has this ordinal.</summary>
    public long BlockNumber(long ordinal) => ordinal - Ordinal - 1;

    public List<FrameGap> Gaps { get; } = [];

    public long Length => (long)start.Length;

    /// <summary>Bytes that can be restored.</summary>
    public long SoundLength => Blocks.Where(static block => block is { Fault: null, Start: >= 0 }).Sum(static block => (long)block.Length);

    public bool IsComplete => End is not null && SoundLength == Length;

    /// <summary>The tensors' names; null when they are not known.</summary>
    public IReadOnlyList<string>? Tensors { get; private set; }

    private (long Offset, long Length, int Tensor)[] _ranges = [];

    /// <summary>Says where the tensors lie.</summary>
    public void SetTensors(IReadOnlyList<string> names, IEnumerable<(long Offset, long Length, int Tensor)> ranges)
    {
        Tensors = names;
        _ranges = [.. ranges.OrderBy(static range => range.Offset)];
    }

    /// <inheritdoc cref="SetTensors(IReadOnlyList{string}, IEnumerable{ValueTuple{long, long, int}})"/>
    public void SetTensors(SegmentMap map) => SetTensors(
        [.. map.Tensors.Select(static tensor => tensor.Name)],
        map.Segments.Where(static segment => !segment.IsStructure).Select(static segment => (segment.Offset, segment.Length, segment.TensorIndex)));

    /// <summary>Names of the tensors that have bytes in a range of the file.</summary>
    public IReadOnlyList<string> TensorsIn(long offset, long length)
    {
        List<string> found = [];
        int first = FirstRangeBehind(offset);
        for (int i = first; i < _ranges.Length && _ranges[i].Offset < offset + length; i++)
        {
            if (found.Count == 0 || found[^1] != Tensors![_ranges[i].Tensor])
            {
                found.Add(Tensors![_ranges[i].Tensor]);
            }
        }

        return found;
    }

    /// <summary>Places the blocks: from the start up to the first gap, and from the end back to the last.</summary>
    public void Place()
    {
        long position = 0;
        int before = Gaps.Count == 0 ? Blocks.Count : Gaps[0].BlocksBefore;
        for (int i = 0; i < before && Blocks[i].Length <= Length - position; i++)
        {
            Blocks[i].Start = position;
            position += Blocks[i].Length;
        }

        if (End is null || Gaps.Count == 0)
        {
            return;
        }

        // What a gap may have restored at most: a made-up length must not become a file of zeros.
        long most = position + Gaps.Sum(static gap => ((gap.Length / (FrameHeader.Length + 1)) + 1) * ContainerLimits.MaxBlockLength);
        long rest = Blocks.Skip(before).Sum(static block => (long)block.Length);
        if (Length > most + rest || Length < position + rest)
        {
            return;
        }

        position = Length;
        for (int i = Blocks.Count - 1; i >= Gaps[^1].BlocksBefore; i--)
        {
            position -= Blocks[i].Length;
            Blocks[i].Start = position;
        }
    }

    /// <summary>The ranges of the file that no sound block restores, in order.</summary>
    public IEnumerable<(long Offset, long Length)> LostRanges()
    {
        long position = 0;
        foreach (FoundBlock block in Blocks.Where(static block => block is { Fault: null, Start: >= 0 }).OrderBy(static block => block.Start))
        {
            if (block.Start > position)
            {
                yield return (position, block.Start - position);
            }

            position = Math.Max(position, block.Start + block.Length);
        }

        if (position < Length)
        {
            yield return (position, Length - position);
        }
    }

    private int FirstRangeBehind(long offset)
    {
        int low = 0;
        int high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _ranges[middle].Offset + _ranges[middle].Length <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
