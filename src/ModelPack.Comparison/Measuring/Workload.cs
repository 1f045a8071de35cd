using ModelPack.Comparison.Peers;

namespace ModelPack.Comparison.Measuring;

/// <summary>
/// Original, packed and restored bytes, allocated before anything is measured. What is shorter than
/// <see cref="LeastLength"/> is there several times, each copy at its own place, so that no cache holds it.
/// </summary>
internal sealed unsafe class Workload
{
    /// <summary>64 MiB read and 64 MiB written: more than the last-level cache that one core can fill.</summary>
    public const int LeastLength = 1 << 26;

    private readonly byte[] _original;
    private readonly byte[] _restored;
    private readonly (int Start, int Length)[] _pieces;
    private readonly byte[][] _packed;
    private readonly int[] _packedLengths;

    /// <summary>Lays the pieces out one behind the other, again and again until they are long enough.</summary>
    /// <param name="pieces">Bytes that are packed each for itself; not all empty, together below 2 GiB.</param>
    /// <param name="leastLength">How long is long enough.</param>
    /// <param name="peers">Those that will be run.</param>
    public Workload(IReadOnlyList<byte[]> pieces, int leastLength, IReadOnlyCollection<IPeer> peers)
    {
        int length = checked(pieces.Sum(piece => piece.Length));
        ArgumentOutOfRangeException.ThrowIfZero(length, nameof(pieces));
        Copies = Math.Max(1, (int)(((long)leastLength + length - 1) / length));
        _original = Allocate(checked(Copies * length));
        _restored = Allocate(_original.Length);
        _pieces = new (int, int)[Copies * pieces.Count];
        _packed = new byte[_pieces.Length][];
        _packedLengths = new int[_pieces.Length];
        int end = 0;
        for (int i = 0; i < _pieces.Length; i++)
        {
            byte[] piece = pieces[i % pieces.Count];
            piece.CopyTo(_original, end);
            _pieces[i] = (end, piece.Length);
            _packed[i] = Allocate(peers.Select(peer => peer.MaxPackedLength(piece.Length)).DefaultIfEmpty().Max());
            end += piece.Length;
        }
    }

    /// <summary>How often the pieces are there.</summary>
    public int Copies { get; }

    /// <summary>Bytes that each method reads or writes, all copies together.</summary>
    public int Length => _original.Length;

    /// <summary>Bytes that the last <see cref="Pack"/> made of one copy.</summary>
    public long PackedLength => _packedLengths.Sum(length => (long)length) / Copies;

    /// <summary>True when the restored bytes are the original ones.</summary>
    public bool IsRestored => _restored.AsSpan().SequenceEqual(_original);

    /// <summary>Copies the original bytes over the restored ones.</summary>
    public void CopyMemory()
    {
        fixed (byte* source = _original, target = _restored)
        {
            Buffer.MemoryCopy(source, target, _restored.Length, _original.Length);
        }
    }

    /// <summary>Packs every piece.</summary>
    public void Pack(IPeer peer)
    {
        for (int i = 0; i < _pieces.Length; i++)
        {
            (int start, int length) = _pieces[i];
            _packedLengths[i] = peer.Pack(new ArraySegment<byte>(_original, start, length), _packed[i]);
        }
    }

    /// <summary>Unpacks what the same peer packed last.</summary>
    public void Unpack(IPeer peer)
    {
        for (int i = 0; i < _pieces.Length; i++)
        {
            (int start, int length) = _pieces[i];
            peer.Unpack(new ArraySegment<byte>(_packed[i], 0, _packedLengths[i]), new ArraySegment<byte>(_restored, start, length));
        }
    }

    /// <summary>Overwrites the restored bytes, so that a byte which is not restored again shows.</summary>
    public void Forget() => _restored.AsSpan().Fill(0xA5);

    private static byte[] Allocate(int length) => GC.AllocateUninitializedArray<byte>(length);
}
