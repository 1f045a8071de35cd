using Snappier;

namespace ModelPack.Comparison.Peers;

/// <summary>Snappy, one raw block.</summary>
internal sealed class SnappyPeer : IPeer
{
    public string Name => "Snappy";

    public int MaxPackedLength(int originalLength) => Snappy.GetMaxCompressedLength(originalLength);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed) => Snappy.Compress(original.AsSpan(), packed.AsSpan());

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored) =>
        PeerThrow.IfPartial(this, Snappy.Decompress(packed.AsSpan(), restored.AsSpan()), restored.Count);
}
