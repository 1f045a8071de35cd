using System.Runtime.CompilerServices;

namespace ModelPack.Coding.ContextAns;

/// <summary>
/// The elements of a plane in the order in which they are decoded, and the cell of each. Place (32 · (tile length · group + k))
/// + lane holds element k of the lane's tile.
/// </summary>
internal sealed class ContextAnsCells
{
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
    public long FirstElementOf(int group) => ((long)group * GroupLength) - Shape.FirstElement;

    /// <summary>Whether a group has an element of the plane at every place.</summary>
    public bool IsWhole(int group) => FirstElementOf(group) >= 0 && FirstElementOf(group) + GroupLength <= PlaneLength;

    /// <summary>Takes a plane in natural order.</summary>
    public void Reset(ReadOnlySpan<byte> elements, ContextAnsShape shape)
    {
        PlaneLength = elements.Length;
        Shape = shape;
        GroupCount = shape.GroupCount(elements.Length);
        Reserve(ref _symbols, PlaceCount);
        Reserve(ref _cells, PlaceCount);
        Reserve(ref _scales, GroupCount * ContextAnsModel.Lanes);
        for (int group = 0; group < GroupCount; group++)
        {
            Span<byte> symbols = _symbols.AsSpan(group * GroupLength, GroupLength);
            int start = (int)FirstElementOf(group);
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

    /// <summary>Sets the cells of a group, as if no value were a literal. Those of places without an element are undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(int group, ReadOnlySpan<int> magnitudes, in ContextAnsGrid grid)
    {
        for (int lane = 0; lane < ContextAnsModel.Lanes; lane++)
        {
            int place = (group * GroupLength) + lane;
            int scale = _scales[(group * ContextAnsModel.Lanes) + lane];
            int sum = ContextAnsModel.Prior(scale);
            long element = FirstElementOf(group) + ((long)lane * Shape.Tile);
            for (int k = 0; k < Shape.Tile; k++, place += ContextAnsModel.Lanes)
            {
                _cells[place] = (byte)ContextAnsModel.Cell(scale, sum, k, grid);
                sum += element + k < 0 ? 0 : magnitudes[_symbols[place]] << ContextAnsModel.SumShift;
            }
        }
    }

    private static void Transpose(ReadOnlySpan<byte> elements, int tile, Span<byte> symbols)
    {
        if (tile == 1)
        {
            elements.CopyTo(symbols);
            return;
        }

        for (int lane = 0; lane < ContextAnsModel.Lanes; lane++)
        {
            ReadOnlySpan<byte> ofLane = elements.Slice(lane * tile, tile);
            for (int k = 0; k < ofLane.Length; k++)
            {
                symbols[(k * ContextAnsModel.Lanes) + lane] = ofLane[k];
            }
        }
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)];
        }
    }
}
