using ModelPack.Container;
using ModelPack.Pipeline.Bases;

namespace ModelPack.Pipeline;

/// <summary>Restores one tensor, decoding only the blocks that hold its bytes. For one thread.</summary>
internal sealed class TensorReader
{
    private readonly BlockReader _blocks;
    private readonly IEnumerator<(long Offset, long Length)> _ranges;
    private long _position;
    private long _end;

    public TensorReader(ContainerFile container, IndexedFile file, int tensor, BaseFiles? bases)
    {
        _blocks = new BlockReader(container, file, bases);
        _ranges = file.TensorRanges(tensor).GetEnumerator();
    }

    /// <summary>The next bytes of the tensor; empty at its end. Valid until the next call.</summary>
    public ReadOnlySpan<byte> ReadNext()
    {
        if (_position == _end)
        {
            if (!_ranges.MoveNext())
            {
                return default;
            }

            _position = _ranges.Current.Offset;
            _end = _position + _ranges.Current.Length;
        }

        ReadOnlySpan<byte> part = _blocks.Read(_position, _end);
        _position += part.Length;
        return part;
    }
}
