using ModelPack.Container;

namespace ModelPack.Pipeline;

/// <summary>Restores one tensor, decoding only the blocks that hold its bytes. For one thread.</summary>
internal sealed class TensorReader
{
    private readonly ContainerFile _container;
    private readonly IndexedFile _file;
    private readonly IEnumerator<(long Offset, long Length)> _ranges;
    private readonly BlockDecoder _decoder = new();
    private byte[] _payload = [];
    private byte[] _original = [];
    private int _decodedBlock = -1;
    private long _position;
    private long _end;

    public TensorReader(ContainerFile container, IndexedFile file, int tensor)
    {
        _container = container;
        _file = file;
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

        int block = _file.FindBlock(_position);
        if (block != _decodedBlock)
        {
            Decode(block);
        }

        long start = _file.BlockStart(block);
        long until = Math.Min(_end, _file.BlockStart(block + 1));
        ReadOnlySpan<byte> part = _original.AsSpan((int)(_position - start), (int)(until - _position));
        _position = until;
        return part;
    }

    private void Decode(int block)
    {
        _decodedBlock = -1;
        FrameHeader frame;
        BlockPayload source;
        try
        {
            frame = _container.ReadBlockHeader(_file, block);
            source = _container.FindPayload(_file, block, frame);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(_container.Name, 0);
        }

        Buffers.Reserve(ref _payload, source.Frame.PayloadLength);
        Buffers.Reserve(ref _original, frame.RestoredLength);
        Span<byte> payload = _payload.AsSpan(0, source.Frame.PayloadLength);
        _container.ReadPayload(source, payload);
        try
        {
            _decoder.Decode(payload, _original.AsSpan(0, frame.RestoredLength), frame.Checksum);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(_container.Name, source.Offset);
        }

        _decodedBlock = block;
    }
}
