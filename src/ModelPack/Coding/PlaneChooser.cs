using System.Numerics;
using ModelPack.Coding.ContextAns;
using ModelPack.Coding.Lz;

namespace ModelPack.Coding;

/// <summary>What the chooser may try.</summary>
/// <param name="TriesDictionary">Where LZ is tried.</param>
/// <param name="LeastSaving">
/// The part of a plane that coding must save, 1/n; 0 takes any saving. Coding a nearly random plane costs decoding time
/// for next to nothing.
/// </param>
/// <param name="Forced">Use this coder where it takes the plane.</param>
/// <param name="TriesContexts">Where context ANS is tried.</param>
/// <param name="MostLaneTables">The most tables that a plane of the lane coder may have.</param>
internal readonly record struct ChooserPolicy(
    DictionaryTrial TriesDictionary, int LeastSaving, CoderId? Forced, ContextTrial TriesContexts = ContextTrial.Never, int MostLaneTables = 4);

/// <summary>How to code a plane, by its sample.</summary>
/// <param name="Coder">The coder; null when the whole plane must be looked at.</param>
/// <param name="MostLength">Coded bytes from which on the verdict was wrong and the whole plane must be looked at.</param>
internal readonly record struct SampleVerdict(CoderId? Coder, int MostLength);

/// <summary>When repetitions are coded as such.</summary>
internal enum DictionaryTrial
{
    /// <summary>Where a cheap test promises something, but not in weights, on which the test alone takes longer than coding.</summary>
    OutsideTensors,

    /// <summary>Where a cheap test promises something.</summary>
    WhenPromising,
    Always,
}

/// <summary>Where context ANS, a third as fast as the others, is tried.</summary>
internal enum ContextTrial
{
    Never,
    OfIntegers,
    Always,
}

/// <summary>
/// Picks the coder of each plane by measured size. The one place for that policy. A plane is never larger than Stored.
/// </summary>
internal static class PlaneChooser
{
    // Below, tables and scales eat what contexts save.
    private const int LeastContextPlane = 1 << 15;

    // Parts of a plane that contexts must save to be worth their time.
    private const int LeastContextSavingAtMax = 500;
    private const int LeastContextSaving = 100;

    /// <summary>Codes a plane with the best coder and says which.</summary>
    /// <param name="plane">The plane; at least 1 byte.</param>
    /// <param name="coded">At least as long as the plane.</param>
    /// <param name="histogram">Scratch; holds the plane's counts afterwards.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="policy">What may be tried.</param>
    /// <param name="isOfFloats">Whether a sample can stand for the plane: other planes may repeat what no sample shows.</param>
    /// <param name="written">Coded bytes.</param>
    /// <param name="geometry">Where in a tensor the plane's elements lie, where that is known.</param>
    public static CoderId Encode(
        ReadOnlySpan<byte> plane,
        Span<byte> coded,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        in ChooserPolicy policy,
        bool isOfFloats,
        out int written,
        PlaneGeometry geometry = default)
    {
        if (isOfFloats && TryBySample(plane, coded, histogram, workspace, policy, out CoderId coder, out written))
        {
            return coder;
        }

        histogram.Count(plane);
        if (policy.Forced is { } forced)
        {
            return TryForced(forced, plane, histogram, geometry, coded[..plane.Length], workspace, out written)
                ? forced
                : Store(plane, coded, out written);
        }

        if (histogram.DistinctValues == 1)
        {
            _ = PlaneCoders.Get(CoderId.Constant).TryEncode(plane, histogram, coded, workspace, out written);
            return CoderId.Constant;
        }

        long most = MostLength(plane.Length, policy);
        long huffman = Estimate(CoderId.Huffman, histogram, workspace);
        long lanes = Estimate(CoderId.LaneAns, histogram, workspace);

        // Lanes decode several times faster: Huffman must save half a percent to be worth it.
        (CoderId entropyCoder, long estimate) = lanes <= huffman + (huffman / 200) ? (CoderId.LaneAns, lanes) : (CoderId.Huffman, huffman);
        ReadOnlySpan<byte> contexts = TryContexts(plane, histogram, geometry, Math.Min(most, estimate), workspace, policy);
        (entropyCoder, estimate) = contexts.IsEmpty ? (entropyCoder, estimate) : (CoderId.ContextAns, contexts.Length);
        bool mayProbe = policy.TriesDictionary != DictionaryTrial.OutsideTensors || (!isOfFloats && !geometry.IsKnown);
        if (policy.TriesDictionary == DictionaryTrial.Always
            || (mayProbe && RepetitionProbe.Promises(plane, isOfFloats ? RepetitionProbe.LongString : RepetitionProbe.ShortString)))
        {
            long room = Math.Min(most, estimate - 1);
            if (room > 0 && LzCoder.TryEncodeIfFitting(plane, histogram, coded[..(int)room], workspace, out written))
            {
                return CoderId.Lz;
            }
        }

        if (entropyCoder == CoderId.ContextAns)
        {
            contexts.CopyTo(coded);
            written = contexts.Length;
            return CoderId.ContextAns;
        }

        return estimate <= most && PlaneCoders.Get(entropyCoder).TryEncode(plane, histogram, coded[..plane.Length], workspace, out written)
            ? entropyCoder
            : Store(plane, coded, out written);
    }

    /// <summary>Whether elements of several bytes seem worth a trial uncut.</summary>
    public static bool MayRepeatElements(ReadOnlySpan<byte> elements, int elementSize, in ChooserPolicy policy) =>
        policy.Forced is null && policy.TriesDictionary != DictionaryTrial.OutsideTensors && ElementProbe.Promises(elements, elementSize);

    /// <summary>Codes elements uncut where that takes fewer bytes. The coded bytes lie in the workspace.</summary>
    /// <param name="elements">Whole elements.</param>
    /// <param name="elementSize">Bytes of each, a power of 2 from 2 to 8.</param>
    /// <param name="isOfFloats">Whether the highest bit is a sign.</param>
    /// <param name="most">Bytes that their planes take.</param>
    /// <param name="histogram">Scratch.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="coded">What they were coded to.</param>
    public static bool TryEncodeElements(
        ReadOnlySpan<byte> elements, int elementSize, bool isOfFloats, int most, PlaneHistogram histogram, CodingWorkspace workspace, out ReadOnlySpan<byte> coded)
    {
        // An offset and a token take about so many bits: what costs less in planes cannot gain by single elements.
        const int BitsOfMatch = 12;
        coded = default;
        int count = elements.Length / elementSize;
        if (most * 8L < (long)count * BitsOfMatch * elementSize / 4)
        {
            return false;
        }

        histogram.Count(elements);
        Span<byte> trial = workspace.Trial(2 * (most - 1));
        int best = 0;
        foreach (int unitShift in (ReadOnlySpan<int>)[BitOperations.Log2((uint)elementSize), 0])
        {
            int room = best == 0 ? most - 1 : best - 1;
            Span<byte> own = trial.Slice(unitShift == 0 ? most - 1 : 0, room);
            if (room > 0 && LzCoder.TryEncodeIfPromising(elements, histogram, unitShift, isOfFloats, own, workspace, out int written))
            {
                best = written;
                coded = own[..written];
            }
        }

        return best > 0;
    }

    /// <summary>Whether context ANS is tried on a plane of this geometry, if it is long enough.</summary>
    public static bool TriesContexts(ContextTrial trial, in PlaneGeometry geometry) =>
        geometry.IsKnown && (trial == ContextTrial.Always || (trial == ContextTrial.OfIntegers && geometry.IsOfIntegers));

    /// <summary>Whether float planes of this length are judged by a sample first.</summary>
    public static bool JudgesBySample(int planeLength, in ChooserPolicy policy) =>
        policy.Forced is null && policy.TriesDictionary != DictionaryTrial.Always && PlaneSample.Represents(planeLength);

    /// <summary>Judges a plane by a sample: most planes of weights are clear cases.</summary>
    /// <param name="sample">What <see cref="PlaneSample.Take"/> took.</param>
    /// <param name="planeLength">Bytes of the whole plane.</param>
    /// <param name="histogram">Scratch; holds the sample's counts afterwards.</param>
    /// <param name="policy">What may be tried.</param>
    public static SampleVerdict Judge(ReadOnlySpan<byte> sample, int planeLength, PlaneHistogram histogram, in ChooserPolicy policy)
    {
        histogram.CountSample(sample, planeLength);
        if (histogram.DistinctValues == 1)
        {
            return default;
        }

        long bits = EstimateBits(histogram);
        long stored = 8L * sample.Length;
        bool isNoise = IsNoise(bits, stored, policy);
        bool hasFewValues = bits * 8 < stored * 5;
        if ((!isNoise && !hasFewValues)
            || (policy.TriesDictionary == DictionaryTrial.WhenPromising
                && RepetitionProbe.Promises(sample[..PlaneSample.WindowsLength], RepetitionProbe.LongString)))
        {
            return default;
        }

        if (isNoise)
        {
            return new SampleVerdict(CoderId.Stored, planeLength);
        }

        // Lanes take about 1.5 % more than the entropy, and some 250 bytes for header, states and windows. Where they take 4 %
        // more, the plane is not as its sample, or not theirs.
        long expected = bits * planeLength / stored;
        return new SampleVerdict(CoderId.LaneAns, (int)Math.Min(MostLength(planeLength, policy), expected + (expected / 25) + 256));
    }

    /// <summary>Whether a plane is best stored, by half its sample; whether it repeats must be known from elsewhere.</summary>
    /// <param name="sample">The first <see cref="PlaneSample.HalfLength"/> bytes of what <see cref="PlaneSample.Take"/> took.</param>
    /// <param name="planeLength">Bytes of the whole plane.</param>
    /// <param name="histogram">Scratch.</param>
    /// <param name="policy">What may be tried.</param>
    public static bool IsNoise(ReadOnlySpan<byte> sample, int planeLength, PlaneHistogram histogram, in ChooserPolicy policy)
    {
        histogram.CountSample(sample, planeLength);
        return IsNoise(EstimateBits(histogram), 8L * sample.Length, policy);
    }

    // A sample's entropy falls short of the plane's by about 0.72 bits for each value (Miller and Madow).
    private static long EstimateBits(PlaneHistogram histogram) => histogram.EntropyBits + (histogram.DistinctValues * 3L / 4);

    // Of what the entropy promises, coding loses about a quarter percent of the plane, to whole code lengths and the table.
    private static bool IsNoise(long bits, long stored, in ChooserPolicy policy) =>
        policy.LeastSaving > 0 && (stored - bits) * policy.LeastSaving * 4 < stored * 5;

    private static bool TryBySample(
        ReadOnlySpan<byte> plane,
        Span<byte> coded,
        PlaneHistogram histogram,
        CodingWorkspace workspace,
        in ChooserPolicy policy,
        out CoderId coder,
        out int written)
    {
        coder = CoderId.Stored;
        written = 0;
        if (!JudgesBySample(plane.Length, policy))
        {
            return false;
        }

        Span<byte> sample = stackalloc byte[PlaneSample.Length];
        PlaneSample.Take(plane, 1, sample);
        SampleVerdict verdict = Judge(sample, plane.Length, histogram, policy);
        if (verdict.Coder is null)
        {
            return false;
        }

        coder = verdict.Coder.Value;
        return PlaneCoders.Get(coder).TryEncode(plane, histogram, coded[..verdict.MostLength], workspace, out written);
    }

    /// <summary>The plane coded with contexts where that is worth it, else nothing. Lies in the workspace.</summary>
    private static ReadOnlySpan<byte> TryContexts(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, in PlaneGeometry geometry, long best, CodingWorkspace workspace, in ChooserPolicy policy)
    {
        if (plane.Length < LeastContextPlane || !TriesContexts(policy.TriesContexts, geometry))
        {
            return default;
        }

        long room = best - (best / (policy.TriesContexts == ContextTrial.Always ? LeastContextSavingAtMax : LeastContextSaving));
        Span<byte> coded = workspace.Trial((int)room);
        return ContextAnsCoder.TryEncode(plane, histogram, geometry, coded, workspace, out int written) ? coded[..written] : default;
    }

    private static bool TryForced(
        CoderId coder, ReadOnlySpan<byte> plane, PlaneHistogram histogram, in PlaneGeometry geometry, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        coder == CoderId.ContextAns
            ? ContextAnsCoder.TryEncode(plane, histogram, geometry, coded, workspace, out written)
            : PlaneCoders.Get(coder).TryEncode(plane, histogram, coded, workspace, out written);

    private static int MostLength(int planeLength, in ChooserPolicy policy) =>
        policy.LeastSaving == 0 ? planeLength - 1 : planeLength - Math.Max(1, planeLength / policy.LeastSaving);

    private static long Estimate(CoderId coder, PlaneHistogram histogram, CodingWorkspace workspace) =>
        PlaneCoders.Get(coder).EstimateEncodedLength(histogram, workspace) ?? long.MaxValue;

    private static CoderId Store(ReadOnlySpan<byte> plane, Span<byte> coded, out int written)
    {
        plane.CopyTo(coded);
        written = plane.Length;
        return CoderId.Stored;
    }
}
