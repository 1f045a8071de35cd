using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>
/// Finds the scale of each row and what each column adds. Sums, products and quotients of doubles in a fixed order only, so
/// that every machine gets the same.
/// </summary>
internal sealed class ContextAnsScales
{
    private const int Rounds = 2;
    private const double LeastFactor = 1.0 / 64;

    // 2^(1/8), 2^(3/8), 2^(5/8) and 2^(7/8): the borders between quarter octaves.
    private static readonly double[] Borders = [1.0905077326652577, 1.2968395546510096, 1.5422108254079408, 1.8340080864093424];

    private int[] _sums = [];
    private double[] _rows = [];
    private double[] _columns = [];
    private double[] _inverse = [];
    private int[] _counts = [];

    /// <summary>Sets rows and columns of a header whose shape and magnitudes are settled.</summary>
    /// <param name="elements">The plane in natural order.</param>
    /// <param name="cells">The same in the order of decoding.</param>
    /// <param name="magnitudes">Of each byte.</param>
    /// <param name="header">Has room for rows and columns.</param>
    public void Fit(ReadOnlySpan<byte> elements, ContextAnsCells cells, ReadOnlySpan<int> magnitudes, ContextAnsHeader header)
    {
        ContextAnsShape shape = header.Shape;
        int tiles = shape.TileCount(elements.Length);
        CodingBuffers.Reserve(ref _sums, cells.GroupCount * ContextAnsModel.Lanes);
        cells.SumTiles(header.Kind, header.Origin, _sums);
        SumParts(elements, magnitudes, shape, tiles);
        CodingBuffers.Reserve(ref _rows, header.Rows.Length);
        if (header.HasColumns)
        {
            CodingBuffers.Reserve(ref _columns, shape.RowTiles);
            CodingBuffers.Reserve(ref _inverse, shape.RowTiles);
            CodingBuffers.Reserve(ref _counts, shape.RowTiles);
            Array.Fill(_inverse, 1.0);
            for (int round = 0; round < Rounds; round++)
            {
                FitRows(tiles, header);
                FitColumns(tiles, header);
            }

            for (int column = 0; column < shape.RowTiles; column++)
            {
                header.Columns[column] = (sbyte)QuarterOctaves(Math.Max(_columns[column], LeastFactor));
            }
        }
        else
        {
            FitRows(tiles, header);
        }

        for (int row = 0; row < header.Rows.Length; row++)
        {
            header.Rows[row] = (sbyte)Math.Clamp(QuarterOctaves(Math.Max(_rows[row], 1)), 0, ContextAnsModel.MaxScale);
        }
    }

    private void FitRows(int tiles, ContextAnsHeader header)
    {
        ContextAnsShape shape = header.Shape;
        int tile = 0;
        int column = shape.FirstColumn;
        for (int row = 0; row < header.Rows.Length; row++)
        {
            int count = Math.Min(tiles - tile, shape.RowTiles - column);
            ReadOnlySpan<int> sums = _sums.AsSpan(tile, count);
            double sum = header.HasColumns ? SumOfProducts(sums, _inverse.AsSpan(column, count)) : Sum(sums);
            _rows[row] = sum / ((double)count * shape.Tile);
            tile += count;
            column = 0;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private void FitColumns(int tiles, ContextAnsHeader header)
    {
        ContextAnsShape shape = header.Shape;
        Span<double> columns = _columns.AsSpan(0, shape.RowTiles);
        Span<int> counts = _counts.AsSpan(0, shape.RowTiles);
        columns.Clear();
        counts.Clear();
        int tile = 0;
        int column = shape.FirstColumn;
        for (int row = 0; row < header.Rows.Length; row++)
        {
            int count = Math.Min(tiles - tile, shape.RowTiles - column);
            double inverse = 1.0 / (Math.Max(_rows[row], LeastFactor) * shape.Tile);
            ReadOnlySpan<int> sums = _sums.AsSpan(tile, count);
            Span<double> ofRow = columns.Slice(column, count);
            for (int i = 0; i < sums.Length; i++)
            {
                ofRow[i] += sums[i] * inverse;
            }

            foreach (ref int one in counts.Slice(column, count))
            {
                one++;
            }

            tile += count;
            column = 0;
        }

        for (int i = 0; i < columns.Length; i++)
        {
            // A column that no row has says nothing.
            columns[i] = counts[i] == 0 ? 1 : columns[i] / counts[i];
            _inverse[i] = 1.0 / Math.Max(columns[i], LeastFactor);
        }
    }

    // A part of a tile counts as the whole.
    private void SumParts(ReadOnlySpan<byte> elements, ReadOnlySpan<int> magnitudes, ContextAnsShape shape, int tiles)
    {
        int first = Math.Min(shape.Tile - shape.FirstElement, elements.Length);
        int last = ((elements.Length + shape.FirstElement - 1) % shape.Tile) + 1;
        _sums[tiles - 1] = SumOfPart(elements[^Math.Min(last, elements.Length)..], magnitudes, shape.Tile);
        _sums[0] = SumOfPart(elements[..first], magnitudes, shape.Tile);
    }

    private static int SumOfPart(ReadOnlySpan<byte> part, ReadOnlySpan<int> magnitudes, int tile)
    {
        int sum = 0;
        foreach (byte element in part)
        {
            sum += magnitudes[element];
        }

        return sum * tile / part.Length;
    }

    [MethodImpl(KernelMethod.Options)]
    private static double Sum(ReadOnlySpan<int> sums)
    {
        long sum = 0;
        foreach (int one in sums)
        {
            sum += one;
        }

        return sum;
    }

    // Four sums, so that none waits for the one before.
    [MethodImpl(KernelMethod.Options)]
    private static double SumOfProducts(ReadOnlySpan<int> sums, ReadOnlySpan<double> factors)
    {
        factors = factors[..sums.Length];
        double first = 0, second = 0, third = 0, fourth = 0;
        int i = 0;
        for (; i <= sums.Length - 4; i += 4)
        {
            first += sums[i] * factors[i];
            second += sums[i + 1] * factors[i + 1];
            third += sums[i + 2] * factors[i + 2];
            fourth += sums[i + 3] * factors[i + 3];
        }

        for (; i < sums.Length; i++)
        {
            first += sums[i] * factors[i];
        }

        return first + second + (third + fourth);
    }

    // Four times the binary logarithm, rounded.
    private static int QuarterOctaves(double value)
    {
        const int MantissaBits = 52;
        const long One = 1023L << MantissaBits;
        long bits = BitConverter.DoubleToInt64Bits(value);
        double mantissa = BitConverter.Int64BitsToDouble((bits & ((1L << MantissaBits) - 1)) | One);
        int quarters = 4 * (int)((bits >> MantissaBits) - 1023);
        foreach (double border in Borders)
        {
            quarters += mantissa >= border ? 1 : 0;
        }

        return quarters;
    }
}
