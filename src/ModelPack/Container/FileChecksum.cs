using System.Buffers.Binary;
using System.IO.Hashing;

namespace ModelPack.Container;

/// <summary>The checksum of a file, derived from those of its blocks in order (FORMAT.md, "Checksums").</summary>
internal sealed class FileChecksum
{
    private readonly XxHash3 _hash = new();

    public void Reset() => _hash.Reset();

    public void AddBlock(int restoredLength, ulong blockChecksum)
    {
        Span<byte> entry = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(entry, restoredLength);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], blockChecksum);
        _hash.Append(entry);
    }

    public ulong Current => _hash.GetCurrentHashAsUInt64();
}
