namespace ModelPack.Comparison.Reporting;

/// <summary>Adds up the exponents of all tensors of a dtype.</summary>
internal sealed class ExponentTotals
{
    private readonly SortedDictionary<Dtype, long[]> _counts = [];

    /// <summary>What was added, without the exponents on both sides that do not occur.</summary>
    public IReadOnlyList<ExponentReport> Reports =>
    [
        .. _counts.Select(static entry =>
        {
            int first = Array.FindIndex(entry.Value, static count => count > 0);
            int last = Array.FindLastIndex(entry.Value, static count => count > 0);
            return first < 0 ? null : new ExponentReport(entry.Key.DisplayName(), first, entry.Key == Dtype.F16 ? 15 : 127, entry.Value[first..(last + 1)]);
        }).OfType<ExponentReport>(),
    ];

    public void Add(Dtype dtype, long[]? counts)
    {
        if (counts is null)
        {
            return;
        }

        if (!_counts.TryGetValue(dtype, out long[]? sums))
        {
            _counts.Add(dtype, sums = new long[counts.Length]);
        }

        for (int exponent = 0; exponent < counts.Length; exponent++)
        {
            sums[exponent] += counts[exponent];
        }
    }
}
