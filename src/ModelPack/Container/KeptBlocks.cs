using ModelPack.Primitives;

namespace ModelPack.Container;

/// <summary>Where the payload that restores a block stands: its own, or that of the block that it repeats.</summary>
/// <param name="Frame">Header of the frame that has the payload.</param>
/// <param name="Offset">Where the payload stands in the container.</param>
internal readonly record struct BlockPayload(FrameHeader Frame, long Offset);

/// <summary>
/// The blocks that later ones repeat, of a container that is read front to back. An input that can go back is read again;
/// of one that cannot, the payloads go to a temporary file, so that memory stays bounded.
/// </summary>
internal sealed class KeptBlocks(ContainerInput input) : IDisposable
{
    private readonly Dictionary<long, (BlockPayload Payload, long SpoolOffset)> _blocks = [];
    private Spool? _spool;
    private ByteSource? _spooled;

    /// <summary>Remembers a block.</summary>
    /// <param name="ordinal">Ordinal of its frame.</param>
    /// <param name="block">Where its payload stands.</param>
    /// <param name="payload">The payload.</param>
    public void Keep(long ordinal, BlockPayload block, ReadOnlySpan<byte> payload)
    {
        long spoolOffset = -1;
        if (!input.CanGoBack)
        {
            _spool ??= new Spool();
            spoolOffset = _spool.Length;
            _spool.Append(payload);
        }

        _blocks.Add(ordinal, (block, spoolOffset));
    }

    /// <summary>The block that a frame repeats.</summary>
    /// <param name="repeat">The frame.</param>
    /// <param name="ordinal">Its ordinal.</param>
    /// <param name="target">Ordinal of the frame that it names.</param>
    /// <param name="offset">Where its payload stands in the container.</param>
    /// <exception cref="ModelPackException">The frame named is no block that may be repeated, or restores something else.</exception>
    public BlockPayload Find(FrameHeader repeat, long ordinal, long target, long offset)
    {
        if (!_blocks.TryGetValue(target, out (BlockPayload Payload, long SpoolOffset) kept))
        {
            RepeatReference.ThrowNotKept(ordinal, target, offset);
        }

        RepeatReference.Check(repeat, ordinal, kept.Payload.Frame, target, offset);
        return kept.Payload;
    }

    /// <summary>The payload of a block kept before, in the buffer or in place.</summary>
    /// <param name="target">Ordinal of its frame.</param>
    /// <param name="buffer">At least as long as the payload where the input needs buffers.</param>
    public ReadOnlyMemory<byte> Read(long target, byte[] buffer)
    {
        (BlockPayload block, long spoolOffset) = _blocks[target];
        if (input.CanGoBack)
        {
            return input.ReadBack(block.Offset, block.Frame.PayloadLength, buffer);
        }

        _spooled ??= _spool!.Open("(temporary file)");
        _spooled.ReadExactly(spoolOffset, buffer.AsSpan(0, block.Frame.PayloadLength));
        return buffer.AsMemory(0, block.Frame.PayloadLength);
    }

    public void Dispose()
    {
        _spooled?.Dispose();
        _spool?.Dispose();
    }
}
