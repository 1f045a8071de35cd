using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>The coded bytes before the states (SPEC.md, "Header").</summary>
internal sealed class ContextAnsHeader
{
    public const int LaneBytes = ContextAnsModel.Lanes * sizeof(uint);

    private const int FixedLength = 27;
    private const int CheckLength = sizeof(uint);
    private const int KindMask = 3;
    private const int GroupOrderFlag = 4;
    private const int ColumnsFlag = 8;
    private const int OrderBits = 3;
    private const int BoundaryBits = 6;
    private const int FirstRow = 32;
    private const int MaxThreshold = 1 << 30;
    private const int LeastColumn = -64;
    private const int MostColumn = 63;

    private readonly byte[] _boundaries = new byte[ContextAnsModel.MaxContexts];
    private sbyte[] _rows = [];
    private sbyte[] _columns = [];

    public ContextAnsKind Kind { get; set; }

    /// <summary>Whether the plane's positions are in the group order of Planes/SPEC.md.</summary>
    public bool IsInGroupOrder { get; set; }

    public bool HasColumns { get; set; }

    /// <summary>The zero point of integers, the exponent of the smallest magnitude.</summary>
    public int Origin { get; set; }

    /// <summary>The byte that stands for a literal.</summary>
    public byte Marker { get; set; }

    /// <summary>The least value of the tables.</summary>
    public int Lowest { get; set; }

    public ContextAnsShape Shape { get; set; }

    public ContextAnsGrid Grid { get; set; }

    public int LiteralCount { get; set; }

    public ContextAnsTables Tables { get; } = new();

    /// <summary>First cell of each context but the first.</summary>
    public Span<byte> Boundaries => _boundaries.AsSpan(0, Tables.ContextCount - 1);

    /// <summary>Scale of each row.</summary>
    public Span<sbyte> Rows => _rows.AsSpan(0, RowCount);

    /// <summary>What each column adds to the row's scale; empty when there are none.</summary>
    public Span<sbyte> Columns => HasColumns ? _columns.AsSpan(0, Shape.RowTiles) : [];

    private int RowCount { get; set; }

    /// <summary>Makes room for the rows and columns of a shape.</summary>
    public void Reserve(int rows)
    {
        RowCount = rows;
        CodingBuffers.Reserve(ref _rows, rows);
        CodingBuffers.Reserve(ref _columns, HasColumns ? Shape.RowTiles : 0);
    }

    /// <summary>The context of each cell; 64 entries.</summary>
    public void FillContexts(Span<byte> contexts)
    {
        int context = 0;
        for (int cell = 0; cell < ContextAnsModel.Cells; cell++)
        {
            if (context < Tables.ContextCount - 1 && cell == _boundaries[context])
            {
                context++;
            }

            contexts[cell] = (byte)context;
        }
    }

    /// <summary>Writes the header; false when it does not fit.</summary>
    public bool TryWrite(Span<byte> coded, out int written)
    {
        written = 0;
        if (coded.Length < FixedLength + CheckLength)
        {
            return false;
        }

        coded[0] = (byte)((int)Kind | (IsInGroupOrder ? GroupOrderFlag : 0) | (HasColumns ? ColumnsFlag : 0));
        coded[1] = (byte)Origin;
        coded[2] = (byte)Shape.Tile;
        coded[3] = Marker;
        coded[4] = (byte)Lowest;
        coded[5] = (byte)Tables.ContextCount;
        coded[6] = (byte)Shape.FirstElement;
        BinaryPrimitives.WriteInt32LittleEndian(coded[7..], Shape.RowTiles);
        BinaryPrimitives.WriteInt32LittleEndian(coded[11..], Shape.FirstColumn);
        BinaryPrimitives.WriteInt32LittleEndian(coded[15..], LiteralCount);
        BinaryPrimitives.WriteUInt16LittleEndian(coded[19..], (ushort)Grid.ScaleWeight);
        BinaryPrimitives.WriteUInt16LittleEndian(coded[21..], (ushort)Grid.TileWeight);
        BinaryPrimitives.WriteInt32LittleEndian(coded[23..], Grid.Threshold);

        var writer = new BitWriter(coded[FixedLength..^CheckLength]);
        foreach (byte boundary in Boundaries)
        {
            if (!writer.TryWrite(boundary, BoundaryBits))
            {
                return false;
            }
        }

        if (!TryWriteScales(Rows, FirstRow, ref writer)
            || (HasColumns && !TryWriteScales(Columns, 0, ref writer))
            || !Tables.TryWrite(Kind, Lowest, ref writer)
            || !writer.TryFinish(out int bits))
        {
            return false;
        }

        int checkAt = FixedLength + bits;
        BinaryPrimitives.WriteUInt32LittleEndian(coded[checkAt..], Crc32.HashToUInt32(coded[..checkAt]));
        written = checkAt + CheckLength;
        return true;
    }

    /// <summary>Reads a header and checks each field.</summary>
    /// <param name="coded">All coded bytes of the plane.</param>
    /// <param name="planeLength">Length of the plane.</param>
    /// <returns>Bytes read.</returns>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.Corrupt"/></exception>
    public int Read(ReadOnlySpan<byte> coded, int planeLength)
    {
        if (coded.Length < FixedLength + CheckLength)
        {
            ContextAnsThrow.Corrupt($"has {coded.Length} bytes, the smallest header {FixedLength + CheckLength}");
        }

        int contexts = ReadFixed(coded, planeLength);
        int rows = Shape.RowCount(planeLength);
        if ((long)rows + (HasColumns ? Shape.RowTiles : 0) > coded.Length * 8L)
        {
            ContextAnsThrow.Corrupt($"has {coded.Length} bytes for {rows} rows of {Shape.RowTiles} tiles");
        }

        Reserve(rows);
        var reader = new BitReader(coded[FixedLength..]);
        Tables.Reset(contexts);
        ReadBoundaries(ref reader);
        ReadScales(Rows, FirstRow, 0, ContextAnsModel.MaxScale, ref reader);
        if (HasColumns)
        {
            ReadScales(Columns, 0, LeastColumn, MostColumn, ref reader);
        }

        Tables.Read(Kind, Lowest, contexts, ref reader);
        bool aligned = reader.TryAlign();
        long checkAt = FixedLength + (reader.Position / 8);
        if (!aligned || reader.IsOverrun || checkAt + CheckLength > coded.Length)
        {
            ContextAnsThrow.Corrupt($"the header's bits end at byte {checkAt} of {coded.Length}, or their padding is not zero");
        }

        uint check = BinaryPrimitives.ReadUInt32LittleEndian(coded[(int)checkAt..]);
        if (check != Crc32.HashToUInt32(coded[..(int)checkAt]))
        {
            ContextAnsThrow.Corrupt($"the header's check does not match (byte {checkAt})");
        }

        return (int)checkAt + CheckLength;
    }

    /// <summary>Bits that the scales of rows or columns take.</summary>
    public static int LengthOfScales(ReadOnlySpan<sbyte> scales, bool areRows) => BestOrder(scales, areRows ? FirstRow : 0, out int bits) >= 0 ? bits : 0;

    private int ReadFixed(ReadOnlySpan<byte> coded, int planeLength)
    {
        int flags = coded[0];
        int tile = coded[2];
        int contexts = coded[5];
        int firstElement = coded[6];
        uint rowTiles = BinaryPrimitives.ReadUInt32LittleEndian(coded[7..]);
        uint firstColumn = BinaryPrimitives.ReadUInt32LittleEndian(coded[11..]);
        uint literals = BinaryPrimitives.ReadUInt32LittleEndian(coded[15..]);
        int threshold = BinaryPrimitives.ReadInt32LittleEndian(coded[23..]);
        if (flags > (KindMask | GroupOrderFlag | ColumnsFlag))
        {
            ContextAnsThrow.Corrupt($"flags are 0x{flags:X2} (byte 0)");
        }

        if (tile is < 1 or > ContextAnsModel.MaxTile || firstElement >= tile)
        {
            ContextAnsThrow.Corrupt($"begins with element {firstElement} of a tile of {tile} (bytes 2 and 6)");
        }

        if (contexts is < 1 or > ContextAnsModel.MaxContexts)
        {
            ContextAnsThrow.Corrupt($"has {contexts} contexts, 1 to {ContextAnsModel.MaxContexts} are allowed (byte 5)");
        }

        if (rowTiles is < 1 or > PlaneLimits.MaxPlaneLength || firstColumn >= rowTiles)
        {
            ContextAnsThrow.Corrupt($"begins with column {firstColumn} of {rowTiles} (bytes 7 to 14)");
        }

        if (literals > (uint)planeLength)
        {
            ContextAnsThrow.Corrupt($"has {literals} literals for a plane of {planeLength} bytes (byte 15)");
        }

        if (threshold is < -MaxThreshold or > MaxThreshold)
        {
            ContextAnsThrow.Corrupt($"has a threshold of {threshold} (byte 23)");
        }

        Kind = (ContextAnsKind)(flags & KindMask);
        IsInGroupOrder = (flags & GroupOrderFlag) != 0;
        HasColumns = (flags & ColumnsFlag) != 0;
        Origin = coded[1];
        Marker = coded[3];
        Lowest = coded[4];
        LiteralCount = (int)literals;
        Shape = new ContextAnsShape(tile, (int)rowTiles, (int)firstColumn, firstElement);
        Grid = new ContextAnsGrid(
            BinaryPrimitives.ReadUInt16LittleEndian(coded[19..]), BinaryPrimitives.ReadUInt16LittleEndian(coded[21..]), threshold);
        return contexts;
    }

    private void ReadBoundaries(ref BitReader reader)
    {
        int before = 0;
        foreach (ref byte boundary in Boundaries)
        {
            boundary = (byte)reader.Read(BoundaryBits);
            if (boundary <= before)
            {
                ContextAnsThrow.Corrupt($"a context begins at cell {boundary}, the one before at {before}");
            }

            before = boundary;
        }
    }

    private static bool TryWriteScales(ReadOnlySpan<sbyte> scales, int before, ref BitWriter writer)
    {
        int order = BestOrder(scales, before, out _);
        if (!writer.TryWrite((uint)order, OrderBits))
        {
            return false;
        }

        foreach (sbyte scale in scales)
        {
            if (!ContextAnsNumbers.TryWrite(ContextAnsNumbers.Fold(scale - before), order, ref writer))
            {
                return false;
            }

            before = scale;
        }

        return true;
    }

    private static void ReadScales(Span<sbyte> scales, int before, int least, int most, ref BitReader reader)
    {
        int order = (int)reader.Read(OrderBits);
        foreach (ref sbyte scale in scales)
        {
            before += ContextAnsNumbers.Unfold(ContextAnsNumbers.Read(order, ref reader));
            if (before < least || before > most)
            {
                ContextAnsThrow.Corrupt($"a scale of {before}, {least} to {most} are allowed");
            }

            scale = (sbyte)before;
        }
    }

    private static int BestOrder(ReadOnlySpan<sbyte> scales, int first, out int bits)
    {
        int best = 0;
        bits = int.MaxValue;
        for (int order = 0; order < 1 << OrderBits; order++)
        {
            int before = first;
            int sum = OrderBits;
            foreach (sbyte scale in scales)
            {
                sum += ContextAnsNumbers.LengthOf(ContextAnsNumbers.Fold(scale - before), order);
                before = scale;
            }

            if (sum < bits)
            {
                bits = sum;
                best = order;
            }
        }

        return best;
    }
}
