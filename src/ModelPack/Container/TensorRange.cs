namespace ModelPack.Container;

/// <summary>A range of a file that holds bytes of a tensor.</summary>
/// <param name="Offset">Where it starts in the file.</param>
/// <param name="Length">Bytes, at least 1.</param>
/// <param name="TensorOffset">Where it starts in the tensor.</param>
internal readonly record struct TensorRange(long Offset, long Length, long TensorOffset)
{
    /// <summary>Offset behind its last byte in the file.</summary>
    public long End => Offset + Length;

    /// <summary>The range that holds the byte at this offset of the tensor; for its end, the last.</summary>
    public static int Find(ReadOnlySpan<TensorRange> ranges, long tensorOffset)
    {
        int low = 0;
        int high = ranges.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = ranges[middle].TensorOffset <= tensorOffset ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}

/// <summary>The ranges of all tensors of a file, those of each tensor side by side in file order.</summary>
internal sealed class TensorRangeTable
{
    private readonly int[] _starts;
    private readonly TensorRange[] _ranges;

    /// <param name="lengths">Bytes of each segment of the file.</param>
    /// <param name="owners">For each segment: 0, or 1 + the index of its tensor, below <paramref name="tensors"/>.</param>
    /// <param name="tensors">Number of tensors.</param>
    public TensorRangeTable(IReadOnlyList<ulong> lengths, IReadOnlyList<uint> owners, int tensors)
    {
        // One more than there are tensors, and one for the structure, which comes first.
        _starts = new int[tensors + 2];
        foreach (uint owner in owners)
        {
            _starts[owner + 1]++;
        }

        int structure = _starts[1];
        _starts[1] = 0;
        for (int i = 1; i < _starts.Length; i++)
        {
            _starts[i] += _starts[i - 1];
        }

        _ranges = new TensorRange[owners.Count - structure];
        int[] next = [.. _starts];
        long[] tensorOffsets = new long[tensors];
        long offset = 0;
        for (int segment = 0; segment < owners.Count; segment++)
        {
            long length = (long)lengths[segment];
            if (owners[segment] is > 0 and uint owner)
            {
                _ranges[next[owner]++] = new TensorRange(offset, length, tensorOffsets[owner - 1]);
                tensorOffsets[owner - 1] += length;
            }

            offset += length;
        }
    }

    /// <summary>The ranges of a tensor; none for one without bytes.</summary>
    public ReadOnlyMemory<TensorRange> Of(int tensor) => _ranges.AsMemory(_starts[tensor + 1].._starts[tensor + 2]);
}
