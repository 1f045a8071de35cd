using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Targets;

/// <summary>
/// What an interrupted packing wrote, write by write, so that another can go on: lies beside the unfinished container and is
/// as much behind it as a killed process left it. While it is open no other process can open it.
/// </summary>
/// <remarks>
/// Layout: 8 bytes magic, 16 bytes that stand for all that decides the packed bytes but the originals' values, 8 bytes XXH3 of
/// these 24; then 12 bytes for each write: u32 length, u64 XXH3 of the bytes written.
/// </remarks>
internal sealed class PackJournal : IDisposable
{
    private const int HeaderLength = 32;

    private const int EntryLength = 12;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly List<(long Offset, int Length, ulong Hash)> _entries = [];

    /// <param name="path">Where it lies, or will.</param>
    /// <exception cref="IOException">Another process has it open.</exception>
    public PackJournal(string path)
    {
        _path = path;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    private static ReadOnlySpan<byte> Magic => "MPKJRNL1"u8;

    /// <summary>Number of writes that are recorded.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of the container that they make.</summary>
    public long Length => _entries.Count == 0 ? 0 : _entries[^1].Offset + _entries[^1].Length;

    /// <summary>Reads what is recorded; forgets it when it is of another plan.</summary>
    /// <param name="plan">What decides the packed bytes but the originals' values.</param>
    public void Begin(UInt128 plan)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt128LittleEndian(header[8..], plan);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], XxHash3.HashToUInt64(header[..24]));
        byte[] found = new byte[RandomAccess.GetLength(_handle)];
        int read = 0;
        while (read < found.Length && RandomAccess.Read(_handle, found.AsSpan(read), read) is > 0 and int more)
        {
            read += more;
        }

        if (!found.AsSpan(0, read).StartsWith(header))
        {
            RandomAccess.SetLength(_handle, 0);
            WrittenFile.Write(_handle, header, 0);
            return;
        }

        for (int at = HeaderLength; at + EntryLength <= read; at += EntryLength)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(found.AsSpan(at));
            if (length <= 0)
            {
                break;
            }

            _entries.Add((Length, length, BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(at + 4))));
        }
    }

    /// <summary>Where a write stands in the container, and the hash of its bytes.</summary>
    public (long Offset, int Length, ulong Hash) this[int index] => _entries[index];

    /// <summary>Records a write that was made.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        ulong hash = XxHash3.HashToUInt64(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(entry, bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], hash);
        WrittenFile.Write(_handle, entry, HeaderLength + ((long)Count * EntryLength));
        _entries.Add((Length, bytes.Length, hash));
    }

    /// <summary>Forgets all writes but the first.</summary>
    public void Cut(int count)
    {
        RandomAccess.SetLength(_handle, HeaderLength + ((long)count * EntryLength));
        _entries.RemoveRange(count, Count - count);
    }

    /// <summary>Removes it; it must not be used any more.</summary>
    public void Delete()
    {
        File.Delete(_path);
        _handle.Dispose();
    }

    public void Dispose() => _handle.Dispose();
}
