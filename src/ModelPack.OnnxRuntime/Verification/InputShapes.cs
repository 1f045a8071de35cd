using Microsoft.ML.OnnxRuntime;

namespace ModelPack.OnnxRuntime.Verification;

/// <summary>Sizes for dimensions that a model leaves open.</summary>
/// <param name="Size">What they are in general.</param>
/// <param name="OneBatch">The first of several dimensions is 1: it mostly counts images, texts or sounds.</param>
/// <param name="NoPast">Dimensions named after the past (of a text that is generated) are 0.</param>
internal sealed record InputShapes(int Size, bool OneBatch, bool NoPast)
{
    // Powers of two, then what networks for images and sound were trained on, then the smallest.
    private static readonly int[] Sizes = [64, 32, 16, 128, 256, 512, 1024, 48, 224, 320, 640, 576, 8, 80, 100, 10, 7, 5, 4, 3, 2, 1];

    /// <summary>What to try, in this order; a single one where nothing is open.</summary>
    public static IEnumerable<InputShapes> For(IReadOnlyCollection<NodeMetadata> inputs)
    {
        if (!inputs.Any(static input => input.Dimensions.Any(static dim => dim < 0)))
        {
            yield return new InputShapes(1, OneBatch: true, NoPast: false);
            yield break;
        }

        bool hasPast = inputs.Any(static input => input.SymbolicDimensions.Any(IsPast));
        bool[] pasts = hasPast ? [true, false] : [false];
        foreach (bool oneBatch in (bool[])[true, false])
        {
            foreach (bool noPast in pasts)
            {
                foreach (int size in Sizes)
                {
                    yield return new InputShapes(size, oneBatch, noPast);
                }
            }
        }
    }

    /// <summary>The shape of an input.</summary>
    public long[] Of(NodeMetadata input)
    {
        long[] shape = new long[input.Dimensions.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            bool isBatch = OneBatch && i == 0 && shape.Length > 1;
            shape[i] = input.Dimensions[i] >= 0 ? input.Dimensions[i] : isBatch ? 1 : SizeOf(input.SymbolicDimensions[i]);
        }

        return shape;
    }

    // Exporters write sums: past_sequence_length + sequence_length, past_sequence_length + 1.
    private long SizeOf(string symbol) => symbol.Split('+', StringSplitOptions.TrimEntries).Sum(term =>
        long.TryParse(term, out long number) ? number : NoPast && IsPast(term) ? 0L : Size);

    private static bool IsPast(string symbol) => symbol.Contains("past", StringComparison.OrdinalIgnoreCase);
}
