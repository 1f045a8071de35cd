using ZstdSharp;

namespace ModelPack.Comparison.Peers;

/// <summary>Zstandard: the C library translated to C#.</summary>
internal sealed class ZstdPeer(int level) : IPeer, IDisposable
{
    private readonly Compressor _compressor = new(level);
    private readonly Decompressor _decompressor = new();

    public string Name => $"zstd -{level}";

    public int MaxPackedLength(int originalLength) => Compressor.GetCompressBound(originalLength);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed) => _compressor.Wrap(original.AsSpan(), packed.AsSpan());

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored) =>
        PeerThrow.IfPartial(this, _decompressor.Unwrap(packed.AsSpan(), restored.AsSpan()), restored.Count);

    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }
}
