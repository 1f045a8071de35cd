using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;

namespace ModelPack.Reading;

/// <summary>Restores blocks of a container, in any order, where the caller wants them. Holds the buffers of one thread.</summary>
/// <param name="container">The container.</param>
/// <param name="bases">The base that the container needs, if it needs one and it is known.</param>
internal sealed class BlockLoader(ContainerFile container, BaseFiles? bases)
{
    private readonly BlockDecoder _decoder = new(bases);
    private byte[] _payload = [];

    /// <summary>Restores a block and checks it.</summary>
    /// <param name="file">The file of the block.</param>
    /// <param name="block">The block.</param>
    /// <param name="original">As long as the block; not sound after an exception.</param>
    /// <exception cref="ModelPackException">The block is damaged, or a difference to a base that was not named.</exception>
    public void Load(IndexedFile file, int block, Span<byte> original)
    {
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
            throw container.Place(exception, 0);
        }

        if (!container.TryGetPayload(source, out ReadOnlyMemory<byte> payload))
        {
            Buffers.Reserve(ref _payload, source.Frame.PayloadLength);
            container.ReadPayload(source, _payload.AsSpan(0, source.Frame.PayloadLength));
            payload = _payload.AsMemory(0, source.Frame.PayloadLength);
        }

        try
        {
            _decoder.Decode(payload.Span, source.Frame.Form, original, frame.Checksum);
        }
        catch (ModelPackException exception)
        {
            throw container.Place(exception, source.Offset);
        }
    }
}
