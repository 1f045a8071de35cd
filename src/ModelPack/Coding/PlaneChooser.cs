namespace ModelPack.Coding;

/// <summary>What the chooser may try.</summary>
/// <param name="TriesDictionary">Whether LZW is tried: never, where a cheap test promises something, or always.</param>
/// <param name="LeastSaving">
/// The part of a plane that coding must save, 1/n; 0 takes any saving. Coding a nearly random plane costs decoding time
/// for next to nothing.
/// </param>
/// <param name="Forced">Use this coder where it takes the plane.</param>
internal readonly record struct ChooserPolicy(DictionaryTrial TriesDictionary, int LeastSaving, CoderId? Forced);

/// <summary>When LZW is tried.</summary>
internal enum DictionaryTrial
{
    Never,
    WhenPromising,
    Always,
}

/// <summary>
/// Picks the coder of each plane by measured size. The one place for that policy. A plane is never larger than Stored.
/// </summary>
internal static class PlaneChooser
{
    /// <summary>Codes a plane with the best coder and says which.</summary>
    /// <param name="plane">The plane; at least 1 byte.</param>
    /// <param name="coded">At least as long as the plane.</param>
    /// <param name="histogram">Scratch; holds the plane's counts afterwards.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="policy">What may be tried.</param>
    /// <param name="written">Coded bytes.</param>
    public static CoderId Encode(
        ReadOnlySpan<byte> plane, Span<byte> coded, PlaneHistogram histogram, CodingWorkspace workspace, in ChooserPolicy policy, out int written)
    {
        histogram.Count(plane);
        if (policy.Forced is { } forced)
        {
            return PlaneCoders.Get(forced).TryEncode(plane, histogram, coded[..plane.Length], workspace, out written)
                ? forced
                : Store(plane, coded, out written);
        }

        if (histogram.DistinctValues == 1)
        {
            _ = PlaneCoders.Get(CoderId.Constant).TryEncode(plane, histogram, coded, workspace, out written);
            return CoderId.Constant;
        }

        long most = policy.LeastSaving == 0 ? plane.Length - 1 : plane.Length - Math.Max(1, plane.Length / policy.LeastSaving);
        long huffman = Estimate(CoderId.Huffman, histogram, workspace);
        long lanes = Estimate(CoderId.LaneAns, histogram, workspace);

        // Lanes decode several times faster: Huffman must save half a percent to be worth it.
        (CoderId entropyCoder, long estimate) = lanes <= huffman + (huffman / 200) ? (CoderId.LaneAns, lanes) : (CoderId.Huffman, huffman);
        if (policy.TriesDictionary == DictionaryTrial.Always
            || (policy.TriesDictionary == DictionaryTrial.WhenPromising && RepetitionProbe.Promises(plane)))
        {
            long room = Math.Min(most, estimate - 1);
            if (room > 0 && PlaneCoders.Get(CoderId.Lzw).TryEncode(plane, histogram, coded[..(int)room], workspace, out written))
            {
                return CoderId.Lzw;
            }
        }

        return estimate <= most && PlaneCoders.Get(entropyCoder).TryEncode(plane, histogram, coded[..plane.Length], workspace, out written)
            ? entropyCoder
            : Store(plane, coded, out written);
    }

    private static long Estimate(CoderId coder, PlaneHistogram histogram, CodingWorkspace workspace) =>
        PlaneCoders.Get(coder).EstimateEncodedLength(histogram, workspace) ?? long.MaxValue;

    private static CoderId Store(ReadOnlySpan<byte> plane, Span<byte> coded, out int written)
    {
        plane.CopyTo(coded);
        written = plane.Length;
        return CoderId.Stored;
    }
}
