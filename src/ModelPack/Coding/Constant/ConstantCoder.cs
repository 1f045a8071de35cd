namespace ModelPack.Coding.Constant;

/// <summary>A plane in which every byte is the same (SPEC.md).</summary>
internal sealed class ConstantCoder : IPlaneCoder
{
    public static readonly ConstantCoder Instance = new();

    public CoderId Id => CoderId.Constant;

    public string Name => "constant";

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace) =>
        histogram.DistinctValues == 1 ? 1 : long.MaxValue;

    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written)
    {
        written = 0;
        if (coded.IsEmpty || histogram.DistinctValues != 1)
        {
            return false;
        }

        coded[0] = plane[0];
        written = 1;
        return true;
    }

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        if (coded.Length != 1)
        {
            CodingThrow.Corrupt(Name, $"has {coded.Length} bytes, must have 1");
        }

        plane.Fill(coded[0]);
    }
}
