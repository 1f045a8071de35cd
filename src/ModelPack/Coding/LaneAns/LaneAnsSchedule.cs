using System.Numerics;
using System.Runtime.CompilerServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>A built table with a part for kernels that keep tables in registers.</summary>
internal interface ILaneAnsVectorTable
{
    /// <summary>Bytes of the part, a multiple of 64.</summary>
    static abstract int VectorsLength { get; }

    /// <summary>Says where the part is from now on; what was in it is lost.</summary>
    /// <param name="vectors">So many bytes.</param>
    void Place(Memory<byte> vectors);
}

/// <summary>The built tables of a plane, and which of them each step is coded with.</summary>
/// <typeparam name="TTable">The tables for encoding or for decoding.</typeparam>
internal sealed class LaneAnsSchedule<TTable>
    where TTable : class, ILaneAnsVectorTable, new()
{
    // So that with one table every step is of the same chunk: a plane has at most 2^24 / 64 steps.
    private const int NoChunksShift = 30;

    private const int VectorAlignment = 64;

    private readonly TTable[] _tables = [new(), new(), new(), new()];
    private LaneAnsTables _chosen = new();

    public unsafe LaneAnsSchedule()
    {
        nint start = (nint)Unsafe.AsPointer(ref Vectors[0]);
        VectorsAt = (int)(-start & (VectorAlignment - 1));
        for (int table = 0; table < _tables.Length; table++)
        {
            _tables[table].Place(Vectors.AsMemory(VectorsAt + (table * TTable.VectorsLength), TTable.VectorsLength));
        }
    }

    /// <summary>One of <see cref="LaneAnsTables.MaxCount"/> tables.</summary>
    public TTable this[int index] => _tables[index];

    /// <summary>The vector parts of all tables, one after the other, from <see cref="VectorsAt"/> on.</summary>
    public byte[] Vectors { get; } = GC.AllocateArray<byte>((LaneAnsTables.MaxCount * TTable.VectorsLength) + VectorAlignment, pinned: true);

    /// <summary>Where the first part begins in <see cref="Vectors"/>: at a multiple of 64 in memory, so that no load crosses lines.</summary>
    public int VectorsAt { get; }

    /// <summary>The table of chunk (step >> <see cref="StepsShift"/>).</summary>
    public byte[] OfChunks => _chosen.ChunkNumbers;

    /// <summary>The logarithm of a chunk's steps.</summary>
    public int StepsShift { get; private set; } = NoChunksShift;

    /// <summary>Takes over which chunk has which table.</summary>
    /// <param name="chosen">The plane's tables; not to change while this is used.</param>
    /// <param name="lanes">Bytes of a step.</param>
    public void Follow(LaneAnsTables chosen, int lanes)
    {
        _chosen = chosen;
        StepsShift = chosen.Count == 1 ? NoChunksShift : BitOperations.Log2((uint)(LaneAnsTables.ChunkLength / lanes));
    }

    /// <summary>The table of a step.</summary>
    /// <param name="step">Counts from the plane's first.</param>
    /// <param name="steps">How many steps from there on, this one included, surely have the same table.</param>
    public TTable At(int step, out int steps)
    {
        int chunk = step >> StepsShift;
        steps = ((chunk + 1) << StepsShift) - step;
        return _tables[OfChunks[chunk]];
    }

    /// <summary>The table of the step before a step.</summary>
    /// <param name="step">Counts from the plane's first; at least 1.</param>
    /// <param name="steps">How many steps backwards, the one before included, surely have the same table.</param>
    public TTable Before(int step, out int steps)
    {
        int chunk = (step - 1) >> StepsShift;
        steps = step - (chunk << StepsShift);
        return _tables[OfChunks[chunk]];
    }
}
