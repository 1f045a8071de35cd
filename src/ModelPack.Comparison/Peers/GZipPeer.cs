using System.IO.Compression;

namespace ModelPack.Comparison.Peers;

/// <summary>GZip as it comes with .NET, at its ordinary level.</summary>
internal sealed class GZipPeer : IPeer
{
    public string Name => "GZip";

    // Stored deflate blocks cost 5 bytes each; zlib's smallest hold 8 KiB. The rest is for header and trailer.
    public int MaxPackedLength(int originalLength) => checked(originalLength + (originalLength / 1024) + 1024);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
    {
        using var target = new MemoryStream(packed.Array!, packed.Offset, packed.Count);
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(original);
        }

        return (int)target.Position;
    }

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored)
    {
        using var source = new MemoryStream(packed.Array!, packed.Offset, packed.Count);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        PeerThrow.IfPartial(this, gzip.ReadAtLeast(restored, restored.Count, throwOnEndOfStream: false), restored.Count);
    }
}
