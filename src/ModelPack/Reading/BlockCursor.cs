using ModelPack.Container;

namespace ModelPack.Reading;

/// <summary>Reads a packed file at any offset, decoding only the blocks asked for; holds the last. For one thread.</summary>
internal sealed class BlockCursor(BlockStore blocks, IndexedFile file) : IDisposable
{
    private KeptBlock? _held;

    /// <summary>True when the byte at this offset is of the block that is held.</summary>
    public bool Holds(long position) => _held is not null && position >= _held.Start && position < _held.End;

    /// <summary>Bytes of the file from an offset, as many as its block has, up to a limit. Valid until the next call.</summary>
    /// <param name="position">Offset of the first byte wanted, below <paramref name="end"/>.</param>
    /// <param name="end">Offset behind the last byte wanted.</param>
    /// <exception cref="ModelPackException">The block is damaged, or a difference to a base that was not named.</exception>
    public ReadOnlySpan<byte> Read(long position, long end)
    {
        if (!Holds(position))
        {
            Dispose();
            _held = blocks.Take(file, file.FindBlock(position));
        }

        return _held!.Bytes[(int)(position - _held.Start)..(int)(Math.Min(end, _held.End) - _held.Start)];
    }

    /// <summary>Gives back what is held.</summary>
    public void Dispose()
    {
        if (_held is not null)
        {
            blocks.Return(_held);
            _held = null;
        }
    }
}
