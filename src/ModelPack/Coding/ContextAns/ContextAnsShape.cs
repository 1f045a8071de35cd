using System.Runtime.Intrinsics;

namespace ModelPack.Coding.ContextAns;

/// <summary>How a plane's elements fall into tiles, rows and columns (SPEC.md, "Tiles").</summary>
/// <param name="Tile">Elements of a tile, 1 to 64.</param>
/// <param name="RowTiles">Tiles of a row, from 1.</param>
/// <param name="FirstColumn">Column of the first tile.</param>
/// <param name="FirstElement">Place in the first tile of the plane's first element.</param>
internal readonly record struct ContextAnsShape(int Tile, int RowTiles, int FirstColumn, int FirstElement)
{
    // Rows of fewer elements do not pay for a scale of their own.
    private const int LeastRow = 128;

    private const int MergedRow = 256;

    /// <summary>Number of tiles of a plane, whole or not.</summary>
    public int TileCount(int planeLength) => (int)(((long)planeLength + FirstElement + Tile - 1) / Tile);

    /// <summary>Number of rows of a plane, whole or not.</summary>
    public int RowCount(int planeLength) => (int)(((long)TileCount(planeLength) + FirstColumn + RowTiles - 1) / RowTiles);

    /// <summary>Number of groups of a plane, whole or not.</summary>
    public int GroupCount(int planeLength) => (TileCount(planeLength) + ContextAnsModel.Lanes - 1) / ContextAnsModel.Lanes;

    /// <summary>The shape for a plane of this geometry, and whether its columns are those of the tensor.</summary>
    public static ContextAnsShape For(in PlaneGeometry geometry, int planeLength, out bool hasColumns)
    {
        hasColumns = false;
        if (!geometry.IsKnown || geometry.RowLength < 1 || geometry.TileLength < 1 || geometry.RowLength % geometry.TileLength != 0)
        {
            return new ContextAnsShape(1, MergedRow, 0, 0);
        }

        int tile = geometry.TileLength <= ContextAnsModel.MaxTile ? geometry.TileLength : 1;
        int row = geometry.RowLength;
        if (row < LeastRow)
        {
            row *= (MergedRow + row - 1) / row;
        }
        else if (row > planeLength / 4)
        {
            // A plane of so few rows learns more from its parts.
            row = Math.Max(1, MergedRow / tile) * tile;
        }
        else
        {
            hasColumns = true;
        }

        int start = geometry.Start % row;
        return new ContextAnsShape(tile, row / tile, start / tile, start % tile);
    }

    /// <summary>The scale of each tile, and zeros behind them up to a whole group.</summary>
    /// <param name="planeLength">Bytes of the plane.</param>
    /// <param name="rows">Scale of each row.</param>
    /// <param name="columns">What each column adds; empty when there are none.</param>
    /// <param name="scales">Receives them; as long as all groups.</param>
    public void FillScales(int planeLength, ReadOnlySpan<sbyte> rows, ReadOnlySpan<sbyte> columns, Span<byte> scales)
    {
        int column = FirstColumn;
        int left = TileCount(planeLength);
        foreach (sbyte row in rows)
        {
            int count = Math.Min(left, RowTiles - column);
            Span<byte> ofRow = scales[..count];
            if (columns.IsEmpty)
            {
                ofRow.Fill((byte)row);
            }
            else
            {
                FillRow(row, columns.Slice(column, count), ofRow);
            }

            scales = scales[count..];
            left -= count;
            column = 0;
        }

        scales.Clear();
    }

    private static void FillRow(sbyte row, ReadOnlySpan<sbyte> columns, Span<byte> scales)
    {
        int done = 0;
        for (; done <= columns.Length - Vector128<sbyte>.Count; done += Vector128<sbyte>.Count)
        {
            var sum = Vector128.Create(columns[done..]) + Vector128.Create(row);
            Vector128.Clamp(sum, Vector128<sbyte>.Zero, Vector128.Create((sbyte)ContextAnsModel.MaxScale)).AsByte().CopyTo(scales[done..]);
        }

        for (; done < columns.Length; done++)
        {
            scales[done] = (byte)Math.Clamp(row + columns[done], 0, ContextAnsModel.MaxScale);
        }
    }
}
