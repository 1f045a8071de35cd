namespace ModelPack.Coding.ContextAns;

/// <summary>What a decoder looks up in each step.</summary>
internal sealed class ContextAnsDecodeTable
{
    public const int StartShift = ContextAnsModel.TotalBits;
    public const int MagnitudeShift = 2 * ContextAnsModel.TotalBits;

    // Kernels load four bytes at each slot.
    private const int Slack = sizeof(uint);

    private readonly int[] _magnitudes = new int[ContextAnsTables.Symbols];

    /// <summary>The symbol of each context's slots: 1024 for each context.</summary>
    public byte[] Slots { get; } = new byte[(ContextAnsModel.MaxContexts * ContextAnsModel.Total) + Slack];

    /// <summary>Frequency less 1, first slot and magnitude of each context's symbols, from the lowest bit: 10, 10 and 12 bits.</summary>
    public uint[] Entries { get; } = new uint[ContextAnsModel.MaxContexts * ContextAnsTables.Symbols];

    /// <summary>The context of each cell.</summary>
    public byte[] Contexts { get; } = new byte[ContextAnsModel.Cells];

    /// <summary>What is taken from a cell's level at each place of a tile.</summary>
    public int[] Levels { get; } = new int[ContextAnsModel.MaxTile];

    /// <summary>For tiles of the header's length.</summary>
    public ContextAnsTranspose Transpose { get; } = new();

    public void Build(ContextAnsHeader header)
    {
        Transpose.Prepare(header.Shape.Tile);
        header.FillContexts(Contexts);
        FillLevels(header.Grid, Levels);
        ContextAnsModel.FillMagnitudes(header.Kind, header.Origin, _magnitudes);
        for (int context = 0; context < header.Tables.ContextCount; context++)
        {
            ReadOnlySpan<short> frequencies = header.Tables[context];
            Span<byte> slots = Slots.AsSpan(context * ContextAnsModel.Total, ContextAnsModel.Total);
            Span<uint> entries = Entries.AsSpan(context * ContextAnsTables.Symbols, ContextAnsTables.Symbols);
            int start = 0;
            for (int symbol = 0; symbol < frequencies.Length; symbol++)
            {
                int frequency = frequencies[symbol];
                if (frequency > 0)
                {
                    entries[symbol] = (uint)((_magnitudes[symbol] << MagnitudeShift) | (start << StartShift) | (frequency - 1));
                    slots.Slice(start, frequency).Fill((byte)symbol);
                    start += frequency;
                }
            }
        }
    }

    /// <summary>What depends on the place in the tile alone: the threshold and the weighted logarithm of the count.</summary>
    public static void FillLevels(in ContextAnsGrid grid, Span<int> levels)
    {
        for (int k = 0; k < levels.Length; k++)
        {
            levels[k] = (grid.TileWeight * ContextAnsModel.LogarithmOfCount(k)) + grid.Threshold;
        }
    }
}
