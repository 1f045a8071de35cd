using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>Lays the 64 cells over the levels that occur.</summary>
internal sealed class ContextAnsGridChoice
{
    // Of 32 parts: measured on convolutions, flat around it.
    private const int TileShare = 19;
    private const int AllShares = 32;

    // Levels of weight 32 reach from -16,000 to 180,000; a bin is a 64th of an octave.
    private const int BinShift = 7;
    private const int FirstBin = 128;
    private const int Bins = 2048;

    // Levels below cell 0 or above the last, one of so many at each end.
    private const int Outside = 200;

    // So that 32 · 2,047 fits 16 bits; 64 cells then cover a quarter octave.
    private const int MostFactor = 2047;

    private const int SampledGroups = 64;

    private readonly int[] _bins = new int[Bins];

    /// <summary>Chooses the grid for cells whose scales are set.</summary>
    public ContextAnsGrid Choose(ContextAnsCells cells, ReadOnlySpan<int> magnitudes)
    {
        int tileShare = cells.Shape.Tile > 1 ? TileShare : 0;
        int total = Count(cells, magnitudes, tileShare);
        int low = BinAt(total / Outside);
        int high = BinAt(total - 1 - (total / Outside)) + 1;
        long factor = Math.Min(MostFactor, ((long)ContextAnsModel.Cells << ContextAnsModel.CellShift) / ((high - low) << BinShift));
        return new ContextAnsGrid(
            (int)((AllShares - tileShare) * factor), (int)(tileShare * factor), (int)(((low - FirstBin) << BinShift) * factor));
    }

    [MethodImpl(KernelMethod.Options)]
    private int Count(ContextAnsCells cells, ReadOnlySpan<int> magnitudes, int tileShare)
    {
        _bins.AsSpan().Clear();
        int total = 0;
        int step = Math.Max(1, cells.GroupCount / SampledGroups);
        for (int group = 0; group < cells.GroupCount; group += step)
        {
            ReadOnlySpan<byte> symbols = cells.Symbols[(group * cells.GroupLength)..];
            for (int lane = 0; lane < ContextAnsModel.Lanes; lane++)
            {
                int scale = cells.Scales[(group * ContextAnsModel.Lanes) + lane];
                int sum = ContextAnsModel.Prior(scale);
                int weighted = (AllShares - tileShare) * ContextAnsModel.ScaleUnit * scale;
                for (int k = 0; k < cells.Shape.Tile; k++)
                {
                    int level = weighted + (tileShare * (ContextAnsModel.Logarithm(sum) - ContextAnsModel.LogarithmOfCount(k)));
                    _bins[Math.Clamp((level >> BinShift) + FirstBin, 0, Bins - 1)]++;
                    sum += magnitudes[symbols[(k * ContextAnsModel.Lanes) + lane]] << ContextAnsModel.SumShift;
                    total++;
                }
            }
        }

        return total;
    }

    private int BinAt(int rank)
    {
        int bin = 0;
        for (int below = _bins[0]; below <= rank && bin < Bins - 1; below += _bins[bin])
        {
            bin++;
        }

        return bin;
    }
}
