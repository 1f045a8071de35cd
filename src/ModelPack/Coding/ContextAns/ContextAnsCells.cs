using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>
/// The elements of a plane in the order in which they are decoded, and the cell of each. Place (32 · (tile length · group + k))
/// + lane holds element k of the lane's tile.
/// </summary>
internal sealed class ContextAnsCells
{
    private readonly int[] _levels = new int[ContextAnsModel.MaxTile];
    private byte[] _symbols = [];
    private byte[] _cells = [];
    private byte[] _scales = [];

    public int PlaneLength { get; private set; }

    public ContextAnsShape Shape { get; private set; }

    public int GroupCount { get; private set; }

    public ReadOnlySpan<byte> Symbols => _symbols.AsSpan(0, PlaceCount);

    public ReadOnlySpan<byte> Cells => _cells.AsSpan(0, PlaceCount);

    /// <summary>Scale of each tile, for whole groups.</summary>
    public Span<byte> Scales => _scales.AsSpan(0, GroupCount * ContextAnsModel.Lanes);

    /// <summary>Places of all groups, whole or not.</summary>
    public int PlaceCount => GroupCount * GroupLength;

    public int GroupLength => ContextAnsModel.Lanes * Shape.Tile;

    /// <summary>The element at a group's first place, which may lie before the plane.</summary>
    public int FirstElementOf(int group) => (group * GroupLength) - Shape.FirstElement;

    /// <summary>Whether a group has an element of the plane at every place.</summary>
    public bool IsWhole(int group) => FirstElementOf(group) >= 0 && FirstElementOf(group) + GroupLength <= PlaneLength;

    /// <summary>Takes a plane in natural order.</summary>
    public void Reset(ReadOnlySpan<byte> elements, ContextAnsShape shape)
    {
        PlaneLength = elements.Length;
        Shape = shape;
        GroupCount = shape.GroupCount(elements.Length);
        CodingBuffers.Reserve(ref _symbols, PlaceCount);
        CodingBuffers.Reserve(ref _cells, PlaceCount);
        CodingBuffers.Reserve(ref _scales, GroupCount * ContextAnsModel.Lanes);
        for (int group = 0; group < GroupCount; group++)
        {
            Span<byte> symbols = _symbols.AsSpan(group * GroupLength, GroupLength);
            int start = FirstElementOf(group);
            if (IsWhole(group))
            {
                Transpose(elements.Slice(start, GroupLength), shape.Tile, symbols);
            }
            else
            {
                symbols.Clear();
                for (int i = Math.Max(0, -start); i < GroupLength && start + i < elements.Length; i++)
                {
                    symbols[(i % shape.Tile * ContextAnsModel.Lanes) + (i / shape.Tile)] = elements[start + i];
                }
            }
        }
    }

    /// <summary>Sums the magnitudes of each tile, and sums of no meaning behind them up to a whole group.</summary>
    public void SumTiles(ContextAnsKind kind, int origin, Span<int> sums)
    {
        switch (kind)
        {
            case ContextAnsKind.Unsigned:
                SumTiles(new ContextAnsVectors.UnsignedMagnitudes(origin), sums);
                break;
            case ContextAnsKind.Signed:
                SumTiles(new ContextAnsVectors.SignedMagnitudes(origin), sums);
                break;
            case ContextAnsKind.RotatedExponent:
                SumTiles(new ContextAnsVectors.RotatedExponentMagnitudes(origin), sums);
                break;
            default:
                SumTiles(new ContextAnsVectors.HalfExponentMagnitudes(origin), sums);
                break;
        }
    }

    /// <summary>Sets the cells of all groups, as if no value were a literal. Those of places without an element are undefined.</summary>
    public void Fill(ContextAnsKind kind, int origin, ReadOnlySpan<int> magnitudes, in ContextAnsGrid grid)
    {
        if (Shape.Tile == 1)
        {
            FillSingles(grid);
            return;
        }

        ContextAnsDecodeTable.FillLevels(grid, _levels);
        switch (kind)
        {
            case ContextAnsKind.Unsigned:
                Fill(new ContextAnsVectors.UnsignedMagnitudes(origin), grid);
                break;
            case ContextAnsKind.Signed:
                Fill(new ContextAnsVectors.SignedMagnitudes(origin), grid);
                break;
            case ContextAnsKind.RotatedExponent:
                Fill(new ContextAnsVectors.RotatedExponentMagnitudes(origin), grid);
                break;
            default:
                Fill(new ContextAnsVectors.HalfExponentMagnitudes(origin), grid);
                break;
        }

        FillFirstTile(magnitudes, grid);
    }

    // The cell of a tile's only element follows from its scale.
    [MethodImpl(KernelMethod.Options)]
    private void FillSingles(in ContextAnsGrid grid)
    {
        Span<byte> cellOf = stackalloc byte[ContextAnsModel.MaxScale + 1];
        for (int scale = 0; scale < cellOf.Length; scale++)
        {
            cellOf[scale] = (byte)ContextAnsModel.Cell(scale, ContextAnsModel.Prior(scale), 0, grid);
        }

        Span<byte> cells = _cells.AsSpan(0, GroupCount * ContextAnsModel.Lanes);
        ReadOnlySpan<byte> scales = Scales;
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = cellOf[scales[i]];
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private void Fill<TMagnitudes>(TMagnitudes magnitudes, in ContextAnsGrid grid)
        where TMagnitudes : struct, ContextAnsVectors.IMagnitudes
    {
        Vector512<int> scaleWeight = Vector512.Create(grid.ScaleWeight * ContextAnsModel.ScaleUnit);
        Vector512<int> tileWeight = Vector512.Create(grid.TileWeight);
        Span<int> priors = stackalloc int[ContextAnsVectors.Count];
        ref byte symbolStart = ref MemoryMarshal.GetArrayDataReference(_symbols);
        ref byte cellStart = ref MemoryMarshal.GetArrayDataReference(_cells);
        int half = ContextAnsVectors.Count;
        for (int i = 0; i < 2 * GroupCount; i++)
        {
            ReadOnlySpan<byte> scales = _scales.AsSpan(i * half, half);
            for (int lane = 0; lane < half; lane++)
            {
                priors[lane] = ContextAnsModel.Prior(scales[lane]);
            }

            Vector512<int> sums = Vector512.Create<int>(priors);
            Vector512<int> weighted = ContextAnsVectors.Widen(Vector128.Create(scales)) * scaleWeight;
            nuint place = (nuint)((i / 2 * GroupLength) + (i % 2 * half));
            foreach (int level in _levels.AsSpan(0, Shape.Tile))
            {
                Vector512<int> levels = weighted - Vector512.Create(level) + (ContextAnsVectors.Logarithm(sums) * tileWeight);
                ContextAnsVectors.Narrow(ContextAnsVectors.Cells(levels)).StoreUnsafe(ref cellStart, place);
                sums += magnitudes.Of(ContextAnsVectors.Widen(Vector128.LoadUnsafe(ref symbolStart, place))) << ContextAnsModel.SumShift;
                place += ContextAnsModel.Lanes;
            }
        }
    }

    // Of a tile that begins before the plane, only what is in the plane counts.
    private void FillFirstTile(ReadOnlySpan<int> magnitudes, in ContextAnsGrid grid)
    {
        int sum = ContextAnsModel.Prior(_scales[0]);
        for (int k = Shape.FirstElement; k < Shape.Tile; k++)
        {
            int place = k * ContextAnsModel.Lanes;
            _cells[place] = (byte)ContextAnsModel.Cell(_scales[0], sum, k, grid);
            sum += magnitudes[_symbols[place]] << ContextAnsModel.SumShift;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private void SumTiles<TMagnitudes>(TMagnitudes magnitudes, Span<int> sums)
        where TMagnitudes : struct, ContextAnsVectors.IMagnitudes
    {
        ref byte symbolStart = ref MemoryMarshal.GetArrayDataReference(_symbols);
        int half = ContextAnsVectors.Count;
        for (int i = 0; i < 2 * GroupCount; i++)
        {
            Vector512<int> sum = Vector512<int>.Zero;
            nuint place = (nuint)((i / 2 * GroupLength) + (i % 2 * half));
            for (int k = 0; k < Shape.Tile; k++, place += ContextAnsModel.Lanes)
            {
                sum += magnitudes.Of(ContextAnsVectors.Widen(Vector128.LoadUnsafe(ref symbolStart, place)));
            }

            sum.CopyTo(sums[(i * half)..]);
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void Transpose(ReadOnlySpan<byte> elements, int tile, Span<byte> symbols)
    {
        if (tile == 1)
        {
            elements.CopyTo(symbols);
            return;
        }

        for (int k = 0; k < tile; k++)
        {
            Span<byte> step = symbols.Slice(k * ContextAnsModel.Lanes, ContextAnsModel.Lanes);
            int from = k;
            for (int lane = 0; lane < step.Length; lane++, from += tile)
            {
                step[lane] = elements[from];
            }
        }
    }
}
