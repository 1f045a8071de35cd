using System.Buffers.Binary;

namespace ModelPack.Coding.LaneAns;

/// <summary>The coded bytes before the literals (SPEC.md, "Header").</summary>
internal sealed class LaneAnsHeader
{
    private const int StateBitsFlag = 1;
    private const int GroupsFlag = 2;
    private const int FixedLength = 6;

    public LaneAnsTable Table { get; } = new();

    /// <summary>Number of groups, and the positions and states with which a decoder starts.</summary>
    public LaneAnsLanes Lanes { get; } = new();

    /// <summary>Number of literal bytes behind the header.</summary>
    public int LiteralCount { get; set; }

    /// <summary>Length of the header in bytes.</summary>
    public int Length => LengthOf(Table.SymbolCount, Lanes.Groups);

    public static int LengthOf(int symbols, int groups) =>
        FixedLength + (2 * symbols) + (groups * (LaneAnsLanes.WindowsPerGroup + LaneAnsLanes.LanesPerGroup));

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> coded)
    {
        coded[0] = (byte)((Table.StateBits == LaneAnsTable.MaxStateBits ? StateBitsFlag : 0) | (Lanes.Groups == 2 ? GroupsFlag : 0));
        coded[1] = (byte)Table.SymbolCount;
        int at = 2;
        Table.Symbols.CopyTo(coded[at..]);
        at += Table.SymbolCount;
        foreach (int frequency in Table.Frequencies)
        {
            coded[at++] = (byte)(frequency - 1);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(coded[at..], (uint)LiteralCount);
        at += sizeof(uint);
        foreach (ulong position in Lanes.Positions)
        {
            coded[at++] = (byte)position;
        }

        Lanes.States.CopyTo(coded[at..]);
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
        if (flags > (StateBitsFlag | GroupsFlag))
        {
            LaneAnsThrow.Corrupt($"flags are 0x{flags:X2}, at most 0x{StateBitsFlag | GroupsFlag:X2} is defined (byte 0)");
        }

        int stateBits = (flags & StateBitsFlag) != 0 ? LaneAnsTable.MaxStateBits : LaneAnsTable.MinStateBits;
        int groups = (flags & GroupsFlag) != 0 ? 2 : 1;
        int symbols = coded[1];
        if (symbols is < 1 or > LaneAnsTable.MaxSymbols)
        {
            LaneAnsThrow.Corrupt($"has {symbols} symbols, 1 to {LaneAnsTable.MaxSymbols} are allowed (byte 1)");
        }

        if (coded.Length < LengthOf(symbols, groups))
        {
            LaneAnsThrow.Corrupt($"has {coded.Length} bytes, its header alone {LengthOf(symbols, groups)}");
        }

        ReadTable(coded.Slice(2, 2 * symbols), stateBits);
        int at = 2 + (2 * symbols);
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

    private void ReadTable(ReadOnlySpan<byte> fields, int stateBits)
    {
        int symbols = fields.Length / 2;
        Table.Reset(stateBits);
        for (int i = 0; i < symbols; i++)
        {
            byte symbol = fields[i];
            int frequency = fields[symbols + i] + 1;
            int left = Table.EscapeFrequency;
            if (!Table.TryAdd(symbol, frequency))
            {
                LaneAnsThrow.Corrupt(frequency > left
                    ? $"symbol 0x{symbol:X2} has frequency {frequency} where {left} of {1 << stateBits} are left (byte {2 + symbols + i})"
                    : $"symbol 0x{symbol:X2} does not ascend (byte {2 + i})");
            }
        }
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
