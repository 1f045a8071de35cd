namespace ModelPack.Coding.Lzw;

/// <summary>Strings that occurred before, as codes of 9 to 16 bits (SPEC.md).</summary>
internal sealed class LzwCoder : IPlaneCoder
{
    public static readonly LzwCoder Instance = new();

    public CoderId Id => CoderId.Lzw;

    public string Name => "lzw";

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace) => null;

    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        LzwEncoder.TryEncode(plane, coded, workspace.Lzw.Dictionary, out written);

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        LzwOutcome outcome = LzwDecoder.Decode(coded, plane, workspace.Lzw.Starts, out long position, out int code);
        if (outcome != LzwOutcome.Done)
        {
            CodingThrow.Corrupt(Name, $"{Describe(outcome, code)} at bit {position}");
        }

        long whole = (position + 7) / 8;
        if (whole != coded.Length)
        {
            CodingThrow.Corrupt(Name, $"has {coded.Length} bytes, its codes end in byte {whole}");
        }

        int used = (int)(position & 7);
        if (used != 0 && coded[^1] >> used != 0)
        {
            CodingThrow.Corrupt(Name, "has padding bits that are not zero in its last byte");
        }
    }

    private static string Describe(LzwOutcome outcome, int code) => outcome switch
    {
        LzwOutcome.Truncated => "ends before the plane is full,",
        LzwOutcome.UndefinedCode => $"code {code} is not defined",
        LzwOutcome.EarlyReset => "reset before the dictionary is full",
        _ => $"string of code {code} is longer than the rest of the plane",
    };
}
