using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>Works out for a plane all that its header holds, and the context of each value.</summary>
internal sealed class ContextAnsPlan
{
    // A trial without columns is worth it where they cost more than this part of the plane's bits.
    private const int CheapColumns = 400;

    private readonly ContextAnsScales _scales = new();
    private readonly ContextAnsGridChoice _gridChoice = new();
    private readonly ContextAnsContexts _contexts = new();
    private readonly ContextAnsFrequencies _frequencies = new();
    private readonly int[] _magnitudes = new int[ContextAnsTables.Symbols];
    private readonly byte[] _isLiteral = new byte[ContextAnsModel.MaxContexts * ContextAnsTables.Symbols];
    private readonly byte[] _contextOfCell = new byte[ContextAnsModel.Cells];
    private byte[] _elements = [];
    private ushort[] _indices = [];
    private byte[] _literals = [];

    public ContextAnsCells Cells { get; } = new();

    /// <summary>Context and byte (or marker) of each place: 256 times the context and the byte.</summary>
    public ReadOnlySpan<ushort> Indices => _indices.AsSpan(0, Cells.PlaceCount);

    public ReadOnlySpan<byte> Literals => _literals.AsSpan(0, LiteralCount);

    private int LiteralCount { get; set; }

    /// <summary>Plans a plane.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="histogram">Counts of exactly this plane.</param>
    /// <param name="geometry">Where its elements lie.</param>
    /// <param name="header">Receives everything.</param>
    public void Make(ReadOnlySpan<byte> plane, PlaneHistogram histogram, in PlaneGeometry geometry, ContextAnsHeader header)
    {
        SetValues(histogram, geometry, header);
        ReadOnlySpan<byte> elements = plane;
        if (header.IsInGroupOrder)
        {
            CodingBuffers.Reserve(ref _elements, plane.Length);
            ContextAnsOrder.ToNatural(plane, _elements);
            elements = _elements.AsSpan(0, plane.Length);
        }

        header.Shape = ContextAnsShape.For(geometry, plane.Length, out bool hasColumns);
        Cells.Reset(elements, header.Shape);
        long bits = Try(elements, hasColumns, header);
        int columnBits = hasColumns ? ContextAnsHeader.LengthOfScales(header.Columns, areRows: false) : 0;
        if ((long)columnBits * CheapColumns > bits && Try(elements, hasColumns: false, header) >= bits + columnBits)
        {
            _ = Try(elements, hasColumns: true, header);
        }

        SetTables(histogram, header);
        SetIndices(header);
        header.LiteralCount = LiteralCount;
    }

    private void SetValues(PlaneHistogram histogram, in PlaneGeometry geometry, ContextAnsHeader header)
    {
        header.Kind = geometry.Values switch
        {
            PlaneValues.Signed => ContextAnsKind.Signed,
            PlaneValues.RotatedExponents => ContextAnsKind.RotatedExponent,
            PlaneValues.HalfExponents => ContextAnsKind.HalfExponent,
            _ => ContextAnsKind.Unsigned,
        };
        header.IsInGroupOrder = geometry.IsKnown && !geometry.IsOfIntegers;
        header.Origin = geometry.IsKnown && !geometry.IsOfIntegers ? TopOrigin(histogram, header.Kind) : MostFrequent(histogram, header.Kind);
        ContextAnsModel.FillMagnitudes(header.Kind, header.Origin, _magnitudes);
    }

    // Exponents above are too few to matter.
    private static int TopOrigin(PlaneHistogram histogram, ContextAnsKind kind)
    {
        const int FewAbove = 1000;
        int value = ContextAnsTables.Symbols - 1;
        for (long above = 0; value > 0; value--)
        {
            above += histogram.Counts[ContextAnsModel.SymbolOf(kind, value)];
            if (above * FewAbove > histogram.Total)
            {
                break;
            }
        }

        return ContextAnsModel.OriginBelow(kind, value);
    }

    private static int MostFrequent(PlaneHistogram histogram, ContextAnsKind kind)
    {
        int best = 0;
        for (int value = 1; value < ContextAnsTables.Symbols; value++)
        {
            best = CountOf(histogram, kind, value) > CountOf(histogram, kind, best) ? value : best;
        }

        return best;
    }

    private static uint CountOf(PlaneHistogram histogram, ContextAnsKind kind, int value) => histogram.Counts[ContextAnsModel.SymbolOf(kind, value)];

    // Returns about how many bits the values take, with tables and rows, but not columns.
    private long Try(ReadOnlySpan<byte> elements, bool hasColumns, ContextAnsHeader header)
    {
        header.HasColumns = hasColumns;
        header.Reserve(header.Shape.RowCount(elements.Length));
        _scales.Fit(elements, Cells, _magnitudes, header);
        header.Shape.FillScales(elements.Length, header.Rows, header.Columns, Cells.Scales);
        header.Grid = _gridChoice.Choose(Cells, _magnitudes);
        Cells.Fill(header.Kind, header.Origin, _magnitudes, header.Grid);
        return _contexts.Choose(Cells);
    }

    private void SetTables(PlaneHistogram histogram, ContextAnsHeader header)
    {
        header.Marker = Marker(histogram, header.Kind);
        bool needsMarker = histogram.Counts[header.Marker] > 0;
        for (int context = 0; context < _contexts.ContextCount && !needsMarker; context++)
        {
            needsMarker = ContextAnsFrequencies.HasRare(_contexts[context]);
        }

        header.Tables.Reset(_contexts.ContextCount);
        int lowest = ContextAnsTables.Symbols - 1;
        for (int context = 0; context < _contexts.ContextCount; context++)
        {
            if (context > 0)
            {
                header.Boundaries[context - 1] = (byte)_contexts.FirstCell(context);
            }

            Span<short> frequencies = header.Tables[context];
            _frequencies.Choose(_contexts[context], header.Marker, needsMarker, frequencies);
            for (int value = 0; value < lowest; value++)
            {
                lowest = frequencies[ContextAnsModel.SymbolOf(header.Kind, value)] > 0 ? value : lowest;
            }
        }

        header.Lowest = lowest;
        header.FillContexts(_contextOfCell);
    }

    // A value that does not occur, best right above those that do; else the rarest.
    private static byte Marker(PlaneHistogram histogram, ContextAnsKind kind)
    {
        int best = ContextAnsTables.Symbols - 1;
        for (int value = best; value >= 0; value--)
        {
            bool isNearer = CountOf(histogram, kind, value) == 0 && (value == ContextAnsTables.Symbols - 1 || CountOf(histogram, kind, value + 1) == 0);
            if (!isNearer)
            {
                break;
            }

            best = value;
        }

        for (int value = 0; value < ContextAnsTables.Symbols; value++)
        {
            best = CountOf(histogram, kind, value) < CountOf(histogram, kind, best) ? value : best;
        }

        return (byte)ContextAnsModel.SymbolOf(kind, best);
    }

    private void SetIndices(ContextAnsHeader header)
    {
        CodingBuffers.Reserve(ref _indices, Cells.PlaceCount);

        LiteralCount = 0;
        FindLiterals(header);
        for (int group = 0; group < Cells.GroupCount; group++)
        {
            int first = group * Cells.GroupLength;
            Span<ushort> indices = _indices.AsSpan(first, Cells.GroupLength);
            uint lanes = uint.MaxValue;
            if (Cells.IsWhole(group))
            {
                lanes = SetIndices(Cells.Symbols.Slice(first, indices.Length), Cells.Cells.Slice(first, indices.Length), indices)
                    ? LanesWithLiterals(indices)
                    : 0;
            }

            for (; lanes != 0; lanes &= lanes - 1)
            {
                SetIndicesOneByOne(group, BitOperations.TrailingZeroCount(lanes), header, indices);
            }
        }
    }

    private void FindLiterals(ContextAnsHeader header)
    {
        int count = header.Tables.ContextCount * ContextAnsTables.Symbols;
        for (int index = 0; index < count; index++)
        {
            _isLiteral[index] = (byte)(header.Tables.Frequency(index) == 0 || (byte)index == header.Marker ? 1 : 0);
        }
    }

    // Says whether there are literals.
    [MethodImpl(KernelMethod.Options)]
    private bool SetIndices(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> cells, Span<ushort> indices)
    {
        cells = cells[..symbols.Length];
        indices = indices[..symbols.Length];
        ref byte contextOfCell = ref MemoryMarshal.GetArrayDataReference(_contextOfCell);
        ref byte isLiteral = ref MemoryMarshal.GetArrayDataReference(_isLiteral);
        int any = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            // Cells are below 64, contexts below 32.
            int index = (Unsafe.Add(ref contextOfCell, cells[i]) << 8) | symbols[i];
            indices[i] = (ushort)index;
            any |= Unsafe.Add(ref isLiteral, index);
        }

        return any != 0;
    }

    private uint LanesWithLiterals(ReadOnlySpan<ushort> indices)
    {
        uint lanes = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            lanes |= (uint)_isLiteral[indices[i]] << (i % ContextAnsModel.Lanes);
        }

        return lanes;
    }

    // With literals, whose magnitude is the marker's, and places without an element.
    private void SetIndicesOneByOne(int group, int lane, ContextAnsHeader header, Span<ushort> indices)
    {
        int tile = header.Shape.Tile;
        int element = Cells.FirstElementOf(group) + (lane * tile);
        ReadOnlySpan<byte> symbols = Cells.Symbols.Slice(group * Cells.GroupLength, Cells.GroupLength);
        int scale = Cells.Scales[(group * ContextAnsModel.Lanes) + lane];
        int sum = ContextAnsModel.Prior(scale);
        for (int k = 0; k < tile; k++, element++)
        {
            int place = (k * ContextAnsModel.Lanes) + lane;
            if (element < 0 || element >= Cells.PlaneLength)
            {
                indices[place] = ContextAnsEncoder.Absent;
                continue;
            }

            int symbol = symbols[place];
            int index = (_contextOfCell[ContextAnsModel.Cell(scale, sum, k, header.Grid)] << 8) | symbol;
            if (_isLiteral[index] != 0)
            {
                AddLiteral((byte)symbol);
                symbol = header.Marker;
                index = (index & ~0xFF) | symbol;
            }

            indices[place] = (ushort)index;
            sum += _magnitudes[symbol] << ContextAnsModel.SumShift;
        }
    }

    private void AddLiteral(byte literal)
    {
        if (LiteralCount == _literals.Length)
        {
            Array.Resize(ref _literals, Math.Max(1024, 2 * _literals.Length));
        }

        _literals[LiteralCount++] = literal;
    }
}
