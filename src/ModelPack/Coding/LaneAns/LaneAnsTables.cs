using System.Numerics;

namespace ModelPack.Coding.LaneAns;

/// <summary>The tables of one plane, 1 to 4, and which of them each chunk of the plane is coded with (SPEC.md, "Tables").</summary>
internal sealed class LaneAnsTables
{
    public const int MaxCount = 4;

    /// <summary>Bytes of the plane that share a table, a multiple of every step.</summary>
    public const int ChunkLength = 256;

    /// <summary>Chunks whose numbers share a byte of the header.</summary>
    public const int ChunksPerByte = 4;

    private readonly LaneAnsTable[] _tables = [new(), new(), new(), new()];

    /// <summary>Number of tables in use.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Number of chunks that name a table; 0 when there is only one table.</summary>
    public int ChunkCount { get; private set; }

    /// <summary>At least a byte: the table of each chunk. With one table the first is 0.</summary>
    public byte[] ChunkNumbers { get; private set; } = new byte[1];

    /// <summary>The table of each chunk, below <see cref="Count"/>.</summary>
    public Span<byte> OfChunks => ChunkNumbers.AsSpan(0, ChunkCount);

    public LaneAnsTable this[int index] => _tables[index];

    public static int ChunksOf(int planeLength) => (planeLength + ChunkLength - 1) / ChunkLength;

    /// <summary>Makes ready for a plane; with one table, it serves all chunks.</summary>
    public void Reset(int count, int planeLength)
    {
        Count = count;
        ChunkCount = count == 1 ? 0 : ChunksOf(planeLength);
        if (ChunkNumbers.Length < ChunkCount)
        {
            ChunkNumbers = new byte[BitOperations.RoundUpToPowerOf2((uint)ChunkCount)];
        }

        ChunkNumbers[0] = 0;
    }

    /// <summary>Drops the tables from a number on; no chunk may have one of them.</summary>
    public void Limit(int count) => Count = count;

    /// <summary>Collects the symbols of all tables; false when there are more than fit a header.</summary>
    /// <param name="symbols">At least <see cref="LaneAnsTable.MaxSymbols"/> bytes; receives the symbols, ascending.</param>
    /// <param name="count">How many.</param>
    public bool TryCollectSymbols(Span<byte> symbols, out int count)
    {
        Span<bool> used = stackalloc bool[256];
        for (int table = 0; table < Count; table++)
        {
            foreach (byte symbol in _tables[table].Symbols)
            {
                used[symbol] = true;
            }
        }

        count = 0;
        for (int value = 0; value < used.Length; value++)
        {
            if (!used[value])
            {
                continue;
            }

            if (count == LaneAnsTable.MaxSymbols)
            {
                return false;
            }

            symbols[count++] = (byte)value;
        }

        return true;
    }
}
