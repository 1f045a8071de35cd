using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>Where each unit of a plane is found by its hash: chains of positions, latest first. Reused.</summary>
internal sealed class LzChains
{
    private const int MinHashBits = 10;
    private const int MaxHashBits = 17;

    /// <summary>Latest position of each hash, plus 1; 0 for none.</summary>
    public int[] Heads { get; } = new int[1 << MaxHashBits];

    /// <summary>For each unit the position before it in its chain, plus 1; 0 for none.</summary>
    public int[] Previous { get; private set; } = [];

    public int HashBits { get; private set; }

    /// <summary>Empties the chains for a plane of so many units.</summary>
    public void Clear(int units)
    {
        HashBits = Math.Clamp(BitOperations.Log2((uint)units) + 1, MinHashBits, MaxHashBits);
        Heads.AsSpan(0, 1 << HashBits).Clear();
        if (Previous.Length < units)
        {
            Previous = new int[BitOperations.RoundUpToPowerOf2((uint)units)];
        }
    }
}

/// <summary>Finds where the bytes at a position were before.</summary>
internal readonly ref struct LzMatchFinder
{
    /// <summary>Positions this close to the end are neither looked up nor remembered.</summary>
    public const int EndMargin = sizeof(ulong);

    private readonly ReadOnlySpan<byte> _plane;
    private readonly int[] _heads;
    private readonly int[] _previous;
    private readonly int _hashShift;
    private readonly int _unitShift;
    private readonly ulong _hashedBytes;

    /// <param name="plane">Whole units.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes.</param>
    /// <param name="chains">Scratch memory.</param>
    public LzMatchFinder(ReadOnlySpan<byte> plane, int unitShift, LzChains chains)
    {
        chains.Clear(plane.Length >> unitShift);
        _plane = plane;
        _heads = chains.Heads;
        _previous = chains.Previous;
        _hashShift = 64 - chains.HashBits;
        _unitShift = unitShift;
        _hashedBytes = unitShift == LzFormat.MaxUnitShift ? ulong.MaxValue : uint.MaxValue;
    }

    /// <summary>Remembers a position, at least <see cref="EndMargin"/> before the end, and returns the latest one like it, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Insert(int position)
    {
        ref int head = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_heads), HashAt(position));
        int before = head;
        _previous[position >> _unitShift] = before;
        head = position + 1;
        return before - 1;
    }

    /// <summary>The position before a remembered one in its chain, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Before(int position) => _previous[position >> _unitShift] - 1;

    /// <summary>Bytes from <paramref name="from"/> on that equal those from <paramref name="to"/> on, in whole units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int MatchLength(int from, int to)
    {
        ref byte start = ref MemoryMarshal.GetReference(_plane);
        int length = 0;
        int most = _plane.Length - to;
        while (length <= most - sizeof(ulong))
        {
            ulong difference = LittleEndian.ReadUInt64(in start, (nuint)(from + length)) ^ LittleEndian.ReadUInt64(in start, (nuint)(to + length));
            if (difference != 0)
            {
                return (length + (BitOperations.TrailingZeroCount(difference) >> 3)) & -(1 << _unitShift);
            }

            length += sizeof(ulong);
        }

        while (length < most && _plane[from + length] == _plane[to + length])
        {
            length++;
        }

        return length & -(1 << _unitShift);
    }

    // Fibonacci hashing of what a match must at least have.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint HashAt(int position) =>
        (nuint)(((LittleEndian.ReadUInt64(in MemoryMarshal.GetReference(_plane), (nuint)position) & _hashedBytes) * 0x9E3779B97F4A7C15) >> _hashShift);
}
