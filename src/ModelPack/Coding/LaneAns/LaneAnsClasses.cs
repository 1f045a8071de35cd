using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Sorts the chunks of a plane into classes of different level. Weights are mixtures of scales: each output channel has its
/// own, so that a chunk's exponents lie close together around a level of the chunk, and a table for each class of levels
/// takes 0.15 bits a value less than one for all. Integers throughout, so that every machine sorts the same.
/// </summary>
internal sealed class LaneAnsClasses
{
    /// <summary>Planes with fewer chunks keep one table: more would cost more than they save.</summary>
    public const int LeastChunks = 128;

    private const int Rounds = 4;

    // One run is counted of so many chunks: counting more takes longer than it saves.
    private const int MostRuns = 128;
    private const int RunLength = 64;
    private const int RunsPerChunk = LaneAnsTables.ChunkLength / RunLength;

    // The top bit does not count: in planes of BFloat16 and Float32 it is the exponent's lowest.
    private const byte LevelBits = 0x7F;

    private ushort[] _levels = [];
    private int _chunks;
    private int _runDistance;
    private readonly uint[] _countOfLevel = new uint[256];
    // Four tables in each, so that equal neighbours do not wait for each other's store; afterwards the first is their sum.
    private readonly uint[][] _counts = [new uint[1024], new uint[1024], new uint[1024], new uint[1024]];
    private readonly uint[] _all = new uint[256];
    private readonly int[] _totals = new int[LaneAnsTables.MaxCount];
    private readonly int[] _upperEnds = new int[LaneAnsTables.MaxCount];

    /// <summary>Counts of a class's byte values, 256 of them, in the chunks counted.</summary>
    public ReadOnlySpan<uint> CountsOf(int index) => _counts[index].AsSpan(0, 256);

    /// <summary>Counts of all classes together.</summary>
    public ReadOnlySpan<uint> AllCounts => _all;

    /// <summary>The sum of all counts.</summary>
    public int Total { get; private set; }

    /// <summary>The sum of a class's counts.</summary>
    public int TotalOf(int index) => _totals[index];

    /// <summary>Looks at a plane; false when it is too short for classes.</summary>
    [MethodImpl(KernelMethod.Options)]
    public bool TryTake(ReadOnlySpan<byte> plane)
    {
        int chunks = plane.Length / LaneAnsTables.ChunkLength;
        _chunks = chunks;
        if (_levels.Length < chunks)
        {
            _levels = new ushort[BitOperations.RoundUpToPowerOf2((uint)chunks)];
        }

        _runDistance = (chunks + MostRuns - 1) / MostRuns;
        if (chunks < LeastChunks)
        {
            return false;
        }

        for (int chunk = 0; chunk < chunks; chunk++)
        {
            ref readonly byte bytes = ref plane.Slice(chunk * LaneAnsTables.ChunkLength, LaneAnsTables.ChunkLength)[0];
            _levels[chunk] = (ushort)(Avx512BW.IsSupported ? LevelOfVectors(in bytes) : LevelOfWords(in bytes));
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LevelOfVectors(in byte chunk)
    {
        Vector512<byte> levelBits = Vector512.Create(LevelBits);
        Vector512<ulong> sums = Vector512<ulong>.Zero;
        for (nuint at = 0; at < LaneAnsTables.ChunkLength; at += (nuint)Vector512<byte>.Count)
        {
            Vector512<byte> bytes = Vector512.LoadUnsafe(in chunk, at) & levelBits;
            sums += Avx512BW.SumAbsoluteDifferences(bytes, Vector512<byte>.Zero).AsUInt64();
        }

        return Vector512.Sum(sums);
    }

    // Each lane adds up at most 32 x 2 x 127; the product adds the four lanes up in its top one.
    private static ulong LevelOfWords(in byte chunk)
    {
        const ulong EvenBytes = 0x0001_0001_0001_0001 * LevelBits;
        ulong sums = 0;
        for (nuint at = 0; at < LaneAnsTables.ChunkLength; at += sizeof(ulong))
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in chunk), at));
            sums += (word & EvenBytes) + ((word >> 8) & EvenBytes);
        }

        return (sums * 0x0001_0001_0001_0001) >> 48;
    }

    /// <summary>Sorts the chunks of the plane taken into classes and counts the values of a part of them.</summary>
    /// <param name="plane">The plane taken.</param>
    /// <param name="ofChunks">Receives the class of each chunk, also of a last one that is not whole.</param>
    /// <param name="mostClasses">The most classes to make, at most <see cref="LaneAnsTables.MaxCount"/>.</param>
    /// <returns>The number of classes; in each at least one value was counted.</returns>
    public int Sort(ReadOnlySpan<byte> plane, Span<byte> ofChunks, int mostClasses)
    {
        int chunks = _chunks;
        ReadOnlySpan<ushort> levels = _levels.AsSpan(0, chunks);
        int least = int.MaxValue;
        int most = 0;
        foreach (int level in levels)
        {
            least = Math.Min(least, level);
            most = Math.Max(most, level);
        }

        int shift = 0;
        while ((most - least) >> shift >= _countOfLevel.Length)
        {
            shift++;
        }

        Array.Clear(_countOfLevel);
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            int level = (_levels[chunk] - least) >> shift;
            _levels[chunk] = (ushort)level;
            _countOfLevel[level]++;
        }

        PlaceEnds(((most - least) >> shift) + 1, _upperEnds.AsSpan(0, mostClasses));
        Span<byte> classOfLevel = stackalloc byte[_countOfLevel.Length];
        int at = 0;
        for (byte index = 0; index < mostClasses; index++)
        {
            classOfLevel[at.._upperEnds[index]].Fill(index);
            at = _upperEnds[index];
        }

        for (int chunk = 0; chunk < chunks; chunk++)
        {
            ofChunks[chunk] = classOfLevel[_levels[chunk]];
        }

        Count(plane, ofChunks);
        int classes = DropEmpty(ofChunks[..chunks]);
        ofChunks[chunks..].Fill(ofChunks[chunks - 1]);
        return classes;
    }

    // A class that no counted chunk belongs to joins the one before it, or the first that has any.
    private int DropEmpty(Span<byte> ofChunks)
    {
        Span<byte> renumbered = stackalloc byte[LaneAnsTables.MaxCount];
        int classes = 0;
        for (int index = 0; index < LaneAnsTables.MaxCount; index++)
        {
            if (_totals[index] > 0)
            {
                (_counts[classes], _counts[index]) = (_counts[index], _counts[classes]);
                _totals[classes++] = _totals[index];
            }

            renumbered[index] = (byte)Math.Max(classes - 1, 0);
        }

        if (classes < LaneAnsTables.MaxCount)
        {
            foreach (ref byte index in ofChunks)
            {
                index = renumbered[index];
            }
        }

        return classes;
    }

    // Another of a chunk's runs each time.
    private int RunOf(int chunk) => chunk / _runDistance % RunsPerChunk;

    // Lloyd's algorithm on one dimension: an end between two classes lies halfway between their means.
    private void PlaceEnds(int levels, Span<int> upperEnds)
    {
        for (int index = 0; index < upperEnds.Length; index++)
        {
            upperEnds[index] = levels * (index + 1) / upperEnds.Length;
        }

        Span<int> means = stackalloc int[upperEnds.Length];
        for (int round = 0; round < Rounds; round++)
        {
            int from = 0;
            for (int index = 0; index < means.Length; index++)
            {
                long sum = 0;
                long count = 0;
                for (int level = from; level < upperEnds[index]; level++)
                {
                    sum += (long)level * _countOfLevel[level];
                    count += _countOfLevel[level];
                }

                // An empty class keeps its middle.
                means[index] = count == 0 ? from + upperEnds[index] : (int)(2 * sum / count);
                from = upperEnds[index];
            }

            for (int index = 0; index < means.Length - 1; index++)
            {
                upperEnds[index] = Math.Clamp(((means[index] + means[index + 1]) / 4) + 1, index == 0 ? 0 : upperEnds[index - 1], levels);
            }
        }

        upperEnds[^1] = levels;
    }

    [MethodImpl(KernelMethod.Options)]
    private void Count(ReadOnlySpan<byte> plane, ReadOnlySpan<byte> ofChunks)
    {
        foreach (uint[] counts in _counts)
        {
            Array.Clear(counts);
        }

        Array.Clear(_totals);
        for (int chunk = 0; chunk < _chunks; chunk += _runDistance)
        {
            int index = ofChunks[chunk];
            _totals[index] += RunLength;
            ref uint first = ref MemoryMarshal.GetArrayDataReference(_counts[index]);
            ref uint second = ref Unsafe.Add(ref first, 256);
            ReadOnlySpan<byte> run = plane.Slice((chunk * LaneAnsTables.ChunkLength) + (RunOf(chunk) * RunLength), RunLength);
            foreach (uint four in MemoryMarshal.Cast<byte, uint>(run))
            {
                // A byte cannot leave its table of 256, so none of the indices is checked.
                Unsafe.Add(ref first, (nuint)(byte)four)++;
                Unsafe.Add(ref second, (nuint)(byte)(four >> 8))++;
                Unsafe.Add(ref first, (nuint)(byte)(four >> 16) + 512)++;
                Unsafe.Add(ref second, (nuint)(four >> 24) + 512)++;
            }
        }

        Total = 0;
        Array.Clear(_all);
        for (int index = 0; index < _counts.Length; index++)
        {
            Total += _totals[index];
            ByteCounts.AddUp(_counts[index], _counts[index].AsSpan(0, 256));
            ByteCounts.Add(CountsOf(index), _all);
        }
    }
}
