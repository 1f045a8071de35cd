using ModelPack.Container;
using ModelPack.Pipeline;

namespace ModelPack.Reading;

/// <summary>A restored block that a <see cref="BlockStore"/> keeps; whoever took it may read it until it is returned.</summary>
internal sealed class KeptBlock
{
    private byte[] _buffer = [];
    private int _length;

    public KeptBlock()
    {
        Node = new LinkedListNode<KeptBlock>(this);
    }

    /// <summary>The block that this is.</summary>
    public (IndexedFile File, int Block) Key { get; private set; }

    /// <summary>Its place in the list of those that nobody reads.</summary>
    public LinkedListNode<KeptBlock> Node { get; }

    /// <summary>How many read it now. Guarded by the store's lock.</summary>
    public int Users { get; set; }

    /// <summary>False until it was restored, which one of those who took it does. Guarded by a lock on the block itself.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>Where its first byte stands in the file.</summary>
    public long Start { get; private set; }

    /// <summary>Offset behind its last byte in the file.</summary>
    public long End => Start + _length;

    /// <summary>Bytes of memory that it takes.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>Its original bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Makes it another block, not restored yet; keeps the buffer.</summary>
    public void Assign((IndexedFile File, int Block) key)
    {
        Key = key;
        Start = key.File.BlockStart(key.Block);
        _length = (int)Math.Min(key.File.BlockStart(key.Block + 1) - Start, int.MaxValue);
        IsRestored = false;
    }

    /// <exception cref="ModelPackException">The block is damaged, or a difference to a base that was not named.</exception>
    public void Restore(BlockLoader loader)
    {
        // The index alone may promise blocks that no container can hold; the frame's header has not been seen yet.
        if (_length > ContainerLimits.MaxBlockLength)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the index has a block of {_length} bytes, allowed are {ContainerLimits.MaxBlockLength}");
        }

        Buffers.Reserve(ref _buffer, _length);
        loader.Load(Key.File, Key.Block, _buffer.AsSpan(0, _length));
        IsRestored = true;
    }
}
