using ModelPack.Container;
using ModelPack.Pipeline.Bases;

namespace ModelPack.Pipeline;

/// <summary>Restores a packed file at any offset, decoding only the blocks asked for; keeps the last. For one thread.</summary>
/// <param name="container">The container.</param>
/// <param name="file">A file of it.</param>
/// <param name="bases">The base that the container needs, if it needs one.</param>
internal sealed class BlockReader(ContainerFile container, IndexedFile file, BaseFiles? bases)
{
    private readonly BlockDecoder _decoder = new(bases);
    private byte[] _payload = [];
    private byte[] _original = [];
    private int _decodedBlock = -1;

    /// <summary>Bytes of the file from an offset, as many as its block has, up to a limit. Valid until the next call.</summary>
    /// <param name="position">Offset of the first byte wanted, below <paramref name="end"/>.</param>
    /// <param name="end">Offset behind the last byte wanted.</param>
    public ReadOnlySpan<byte> Read(long position, long end)
    {
        int block = file.FindBlock(position);
        if (block != _decodedBlock)
        {
            Decode(block);
        }

        long start = file.BlockStart(block);
        long until = Math.Min(end, file.BlockStart(block + 1));
        return _original.AsSpan((int)(position - start), (int)(until - position));
    }

    private void Decode(int block)
    {
        _decodedBlock = -1;
        FrameHeader frame;
        BlockPayload source;
        try
        {
            frame = container.ReadBlockHeader(file, block);
            source = container.FindPayload(file, block, frame);
            if (source.Frame.Form == BlockForm.Difference && bases is null)
            {
                throw BaseFiles.Missing(container.Index.Base!);
            }
        }
        catch (ModelPackException exception)
        {
            throw exception.At(container.Name, 0);
        }

        Buffers.Reserve(ref _payload, source.Frame.PayloadLength);
        Buffers.Reserve(ref _original, frame.RestoredLength);
        Span<byte> payload = _payload.AsSpan(0, source.Frame.PayloadLength);
        container.ReadPayload(source, payload);
        try
        {
            _decoder.Decode(payload, source.Frame.Form, _original.AsSpan(0, frame.RestoredLength), frame.Checksum);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(container.Name, source.Offset);
        }

        _decodedBlock = block;
    }
}
