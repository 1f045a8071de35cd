using System.IO.Compression;

namespace ModelPack.Comparison.Peers;

/// <summary>Brotli as it comes with .NET, window of 4 MiB.</summary>
internal sealed class BrotliPeer(int quality) : IPeer
{
    private const int WindowBits = 22;

    public string Name => $"Brotli -{quality}";

    public int MaxPackedLength(int originalLength) => BrotliEncoder.GetMaxCompressedLength(originalLength);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
    {
        if (!BrotliEncoder.TryCompress(original, packed, out int length, quality, WindowBits))
        {
            PeerThrow.NoRoom(this, packed.Count);
        }

        return length;
    }

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored)
    {
        _ = BrotliDecoder.TryDecompress(packed, restored, out int length);
        PeerThrow.IfPartial(this, length, restored.Count);
    }
}
