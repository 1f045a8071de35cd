using ModelPack.Container;

namespace ModelPack.Reading;

/// <summary>Restores one tensor part by part, decoding only the blocks that hold its bytes. For one thread.</summary>
internal sealed class TensorReader(BlockStore blocks, IndexedFile file, ReadOnlyMemory<TensorRange> ranges) : IDisposable
{
    private readonly BlockCursor _cursor = new(blocks, file);
    private readonly ReadOnlyMemory<TensorRange> _ranges = ranges;
    private int _range;
    private long _within;

    /// <summary>The next bytes of the tensor; empty at its end. Valid until the next call.</summary>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public ReadOnlySpan<byte> ReadNext()
    {
        ReadOnlySpan<TensorRange> ranges = _ranges.Span;
        if (_range == ranges.Length)
        {
            return default;
        }

        TensorRange range = ranges[_range];
        ReadOnlySpan<byte> part = _cursor.Read(range.Offset + _within, range.End);
        _within += part.Length;
        if (_within == range.Length)
        {
            _range++;
            _within = 0;
        }

        return part;
    }

    public void Dispose() => _cursor.Dispose();
}
