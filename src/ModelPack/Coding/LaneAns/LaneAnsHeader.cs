using System.Buffers.Binary;

namespace ModelPack.Coding.LaneAns;

/// <summary>The coded bytes before the literals (SPEC.md, "Header").</summary>
internal sealed class LaneAnsHeader
{
    private const int StateBitsFlag = 1;
    private const int GroupsFlag = 2;
    private const int TablesShift = 2;
    private const int MostFlags = StateBitsFlag | GroupsFlag | ((LaneAnsTables.MaxCount - 1) << TablesShift);
    private const int FixedLength = 6;
    private const int ChunkBits = 8 / LaneAnsTables.ChunksPerByte;

    private readonly byte[] _symbols = new byte[LaneAnsTable.MaxSymbols];
    private int _symbolCount;

    public LaneAnsTables Tables { get; } = new();

    /// <summary>Number of groups, and the positions and states with which a decoder starts.</summary>
    public LaneAnsLanes Lanes { get; } = new();

    /// <summary>Number of literal bytes behind the header.</summary>
    public int LiteralCount { get; set; }

    /// <summary>The symbols of all tables together, ascending.</summary>
    public ReadOnlySpan<byte> Symbols => _symbols.AsSpan(0, _symbolCount);

    /// <summary>Length of the header in bytes.</summary>
    public int Length => LengthOf(_symbolCount, Lanes.Groups, Tables.Count, Tables.ChunkCount);

    /// <param name="symbols">Number of symbols.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="tables">Number of tables.</param>
    /// <param name="chunks">Number of chunks that name a table.</param>
    public static int LengthOf(int symbols, int groups, int tables = 1, int chunks = 0) =>
        FixedLength
        + ((1 + tables) * symbols)
        + ChunkBytes(chunks)
        + (groups * (LaneAnsLanes.WindowsPerGroup + LaneAnsLanes.LanesPerGroup));

    /// <summary>Takes over the symbols of all tables; false when there are too many for a header.</summary>
    public bool TryTakeSymbols() => Tables.TryCollectSymbols(_symbols, out _symbolCount);

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> coded)
    {
        coded[0] = (byte)((Tables[0].StateBits == LaneAnsTable.MaxStateBits ? StateBitsFlag : 0)
            | (Lanes.Groups == 2 ? GroupsFlag : 0)
            | ((Tables.Count - 1) << TablesShift));
        coded[1] = (byte)_symbolCount;
        int at = 2;
        Symbols.CopyTo(coded[at..]);
        at += _symbolCount;
        at += WriteFrequencies(coded[at..]);
        for (int chunk = 0; chunk < Tables.ChunkCount; chunk++)
        {
            int place = chunk % LaneAnsTables.ChunksPerByte;
            ref byte packed = ref coded[at + (chunk / LaneAnsTables.ChunksPerByte)];
            packed = (byte)((place == 0 ? 0 : packed) | (Tables.OfChunks[chunk] << (place * ChunkBits)));
        }

        at += ChunkBytes(Tables.ChunkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(coded[at..], (uint)LiteralCount);
        at += sizeof(uint);
        foreach (ulong position in Lanes.Positions)
        {
            coded[at++] = (byte)position;
        }

        Lanes.States.CopyTo(coded[at..]);
    }

    private int WriteFrequencies(Span<byte> coded)
    {
        // A single table has every symbol, so that one can be taken off; in several, 0 stands for a symbol that is not there.
        int least = Tables.Count == 1 ? 1 : 0;
        int at = 0;
        for (int table = 0; table < Tables.Count; table++)
        {
            ReadOnlySpan<byte> own = Tables[table].Symbols;
            int next = 0;
            foreach (byte symbol in Symbols)
            {
                bool isOwn = next < own.Length && own[next] == symbol;
                coded[at++] = (byte)(isOwn ? Tables[table].Frequencies[next++] - least : 0);
            }
        }

        return at;
    }

    /// <summary>Reads <see cref="Length"/> bytes and checks each field; the bit windows are left empty.</summary>
    /// <param name="coded">All coded bytes of the plane.</param>
    /// <param name="planeLength">Length of the plane: no more literals can be used.</param>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.Corrupt"/></exception>
    public void Read(ReadOnlySpan<byte> coded, int planeLength)
    {
        if (coded.Length < LengthOf(1, 1))
        {
            LaneAnsThrow.Corrupt($"has {coded.Length} bytes, the smallest header {LengthOf(1, 1)}");
        }

        int flags = coded[0];
        if (flags > MostFlags)
        {
            LaneAnsThrow.Corrupt($"flags are 0x{flags:X2}, at most 0x{MostFlags:X2} is defined (byte 0)");
        }

        int stateBits = (flags & StateBitsFlag) != 0 ? LaneAnsTable.MaxStateBits : LaneAnsTable.MinStateBits;
        int groups = (flags & GroupsFlag) != 0 ? 2 : 1;
        Tables.Reset(1 + (flags >> TablesShift), planeLength);
        _symbolCount = coded[1];
        if (_symbolCount is < 1 or > LaneAnsTable.MaxSymbols)
        {
            LaneAnsThrow.Corrupt($"has {_symbolCount} symbols, 1 to {LaneAnsTable.MaxSymbols} are allowed (byte 1)");
        }

        if (coded.Length < LengthOf(_symbolCount, groups, Tables.Count, Tables.ChunkCount))
        {
            LaneAnsThrow.Corrupt(
                $"has {coded.Length} bytes, its header alone {LengthOf(_symbolCount, groups, Tables.Count, Tables.ChunkCount)}");
        }

        ReadSymbols(coded.Slice(2, _symbolCount));
        int at = 2 + _symbolCount;
        for (int table = 0; table < Tables.Count; table++)
        {
            ReadTable(Tables[table], coded.Slice(at, _symbolCount), at, stateBits);
            at += _symbolCount;
        }

        CheckSymbols();
        ReadChunks(coded.Slice(at, ChunkBytes(Tables.ChunkCount)), at);
        at += ChunkBytes(Tables.ChunkCount);
        uint literals = BinaryPrimitives.ReadUInt32LittleEndian(coded[at..]);
        if (literals > (uint)planeLength)
        {
            LaneAnsThrow.Corrupt($"has {literals} literals for a plane of {planeLength} bytes (byte {at})");
        }

        LiteralCount = (int)literals;
        at += sizeof(uint);
        Lanes.Reset(groups);
        ReadLanes(coded[at..], at, stateBits);
    }

    private static int ChunkBytes(int chunks) => (chunks + LaneAnsTables.ChunksPerByte - 1) / LaneAnsTables.ChunksPerByte;

    private void ReadSymbols(ReadOnlySpan<byte> fields)
    {
        for (int i = 1; i < fields.Length; i++)
        {
            if (fields[i] <= fields[i - 1])
            {
                LaneAnsThrow.Corrupt($"symbol 0x{fields[i]:X2} does not ascend (byte {2 + i})");
            }
        }

        fields.CopyTo(_symbols);
    }

    private void ReadTable(LaneAnsTable table, ReadOnlySpan<byte> fields, int offset, int stateBits)
    {
        int least = Tables.Count == 1 ? 1 : 0;
        table.Reset(stateBits);
        for (int i = 0; i < fields.Length; i++)
        {
            int frequency = fields[i] + least;
            int left = table.EscapeFrequency;
            if (frequency > 0 && !table.TryAdd(_symbols[i], frequency))
            {
                LaneAnsThrow.Corrupt(
                    $"symbol 0x{_symbols[i]:X2} has frequency {frequency} where {left} of {1 << stateBits} are left (byte {offset + i})");
            }
        }
    }

    private void CheckSymbols()
    {
        Span<byte> used = stackalloc byte[LaneAnsTable.MaxSymbols];
        if (!Tables.TryCollectSymbols(used, out int count) || count != _symbolCount)
        {
            LaneAnsThrow.Corrupt($"has {_symbolCount} symbols, {count} of them in a table");
        }
    }

    private void ReadChunks(ReadOnlySpan<byte> fields, int offset)
    {
        Span<byte> chunks = Tables.OfChunks;
        int whole = chunks.Length / LaneAnsTables.ChunksPerByte;
        for (int i = 0; i < whole; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(chunks[(i * LaneAnsTables.ChunksPerByte)..], Spread(fields[i]));
        }

        if (whole < fields.Length)
        {
            Span<byte> last = stackalloc byte[LaneAnsTables.ChunksPerByte];
            BinaryPrimitives.WriteUInt32LittleEndian(last, Spread(fields[whole]));
            int rest = chunks.Length % LaneAnsTables.ChunksPerByte;
            last[..rest].CopyTo(chunks[^rest..]);
            if (last[rest..].ContainsAnyExcept((byte)0))
            {
                LaneAnsThrow.Corrupt($"has a bit set behind the last chunk (byte {offset + whole})");
            }
        }

        int outside = chunks.IndexOfAnyExceptInRange((byte)0, (byte)(Tables.Count - 1));
        if (outside >= 0)
        {
            LaneAnsThrow.Corrupt(
                $"chunk {outside} has table {chunks[outside]} of {Tables.Count} (byte {offset + (outside / LaneAnsTables.ChunksPerByte)})");
        }
    }

    // Four numbers of two bits, the first the lowest, to a byte each.
    private static uint Spread(uint packed)
    {
        packed = (packed | (packed << 12)) & 0x000F_000F;
        return (packed | (packed << 6)) & 0x0303_0303;
    }

    private void ReadLanes(ReadOnlySpan<byte> fields, int offset, int stateBits)
    {
        for (int i = 0; i < Lanes.Windows; i++)
        {
            if (fields[i] > LaneAnsLanes.EmptyPosition)
            {
                LaneAnsThrow.Corrupt($"window {i} starts at bit {fields[i]}, at most {LaneAnsLanes.EmptyPosition} is allowed (byte {offset + i})");
            }

            Lanes.Positions[i] = fields[i];
        }

        ReadOnlySpan<byte> states = fields.Slice(Lanes.Windows, Lanes.Lanes);
        byte highest = (byte)((1 << stateBits) - 1);
        int outside = states.IndexOfAnyExceptInRange((byte)0, highest);
        if (outside >= 0)
        {
            LaneAnsThrow.Corrupt($"lane {outside} starts in state {states[outside]}, at most {highest} is allowed (byte {offset + Lanes.Windows + outside})");
        }

        states.CopyTo(Lanes.States);
    }
}
