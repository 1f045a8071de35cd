using K4os.Compression.LZ4;

namespace ModelPack.Comparison.Peers;

/// <summary>LZ4, one raw block, fastest level.</summary>
internal sealed class Lz4Peer : IPeer
{
    public string Name => "LZ4 fast";

    public int MaxPackedLength(int originalLength) => LZ4Codec.MaximumOutputSize(originalLength);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
    {
        int length = LZ4Codec.Encode(original.AsSpan(), packed.AsSpan(), LZ4Level.L00_FAST);
        if (length < 0)
        {
            PeerThrow.NoRoom(this, packed.Count);
        }

        return length;
    }

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored) =>
        PeerThrow.IfPartial(this, LZ4Codec.Decode(packed.AsSpan(), restored.AsSpan()), restored.Count);
}
