namespace ModelPack.Coding.Stored;

/// <summary>The plane's bytes as they are (SPEC.md).</summary>
internal sealed class StoredCoder : IPlaneCoder
{
    public static readonly StoredCoder Instance = new();

    public CoderId Id => CoderId.Stored;

    public string Name => "stored";

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace) => histogram.Total;

    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written)
    {
        written = plane.TryCopyTo(coded) ? plane.Length : 0;
        return written != 0;
    }

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        if (coded.Length != plane.Length)
        {
            CodingThrow.Corrupt(Name, $"has {coded.Length} bytes where the plane has {plane.Length}");
        }

        coded.CopyTo(plane);
    }
}
