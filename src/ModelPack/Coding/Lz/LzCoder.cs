using System.Buffers.Binary;

namespace ModelPack.Coding.Lz;

/// <summary>Repetitions of any length and distance, and what is between them, in streams coded by themselves (SPEC.md).</summary>
internal sealed class LzCoder : IPlaneCoder
{
    public static readonly LzCoder Instance = new();

    // Parts in 256 of what a plane's bytes cost without matches that these must save, beyond what is to be undercut, to go on.
    private const int LeastSavingAhead = 12;

    public CoderId Id => CoderId.Lz;

    public string Name => LzThrow.CoderName;

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace) => null;

    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        TryEncode(plane, histogram, unitShift: 0, isOfFloats: false, leastSaving: 0, coded, workspace, out written);

    /// <summary>Codes a plane whose repetitions are of whole units; false, too, when it does not seem worth it.</summary>
    /// <param name="plane">Whole units.</param>
    /// <param name="histogram">Its bytes' counts.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes, 0 to 3.</param>
    /// <param name="isOfFloats">Whether units are floats, with the sign in the highest bit.</param>
    /// <param name="coded">Room.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    public static bool TryEncodeIfPromising(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, int unitShift, bool isOfFloats, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        TryEncode(plane, histogram, unitShift, isOfFloats, LeastSavingAhead, coded, workspace, out written);

    /// <summary>The same for a plane of single bytes that is alike throughout, so that its first part tells whether it will fit.</summary>
    public static bool TryEncodeIfFitting(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        TryEncode(plane, histogram, unitShift: 0, isOfFloats: false, LeastSavingAhead + PartsUndercut(histogram, coded.Length), coded, workspace, out written);

    public unsafe void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        if (coded.Length <= LzFormat.CheckLength)
        {
            LzThrow.Corrupt($"has {coded.Length} bytes, must have more than {LzFormat.CheckLength}");
        }

        ReadOnlySpan<byte> body = coded[LzFormat.CheckLength..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(coded) != LzFormat.Check(body))
        {
            LzThrow.Corrupt("does not match its check value");
        }

        LzWorkspace own = workspace.Lz;
        LzHeader header = own.Header;
        ReadOnlySpan<byte> rest = body[header.Read(body, plane.Length)..];
        Span<byte> decoded = own.Streams(LzHeader.LengthOf(header.Streams) + LzDecoder.Chunk);
        int at = 0;
        foreach (LzStreamEntry stream in header.Streams)
        {
            if (stream.Length > 0)
            {
                PlaneCoders.Get(stream.Coder).Decode(rest[..stream.CodedLength], decoded.Slice(at, stream.Length), workspace);
                rest = rest[stream.CodedLength..];
                at += stream.Length;
            }
        }

        int tokens = LzHeader.LengthOf(header.Tokens);
        int offsetsStart = tokens + header.Lengths.Length;
        int literalsStart = offsetsStart + header.Offsets.Length;
        var input = new LzInput
        {
            Tokens = MergedTokens(decoded[..tokens], own),
            Lengths = decoded[tokens..offsetsStart],
            Offsets = decoded[offsetsStart..literalsStart],
            Bits = rest,
        };
        Span<byte> literals = MergedLiterals(decoded[literalsStart..], own);
        LzOutcome outcome;
        int position;
        fixed (byte* first = literals)
        {
            outcome = header.HasContexts
                ? DecodeWithContexts(input, header, first, plane, out position)
                : DecodePlain(input, header, first, plane, out position);
        }

        if (outcome != LzOutcome.Done)
        {
            LzThrow.Corrupt($"{Describe(outcome)} at byte {position} of the plane");
        }
    }

    // By how many parts in 256 the room is less than what the bytes cost by their counts alone.
    private static int PartsUndercut(PlaneHistogram histogram, int room) =>
        (int)Math.Clamp(256 - (room * 8L * 256 / Math.Max(1, histogram.EntropyBits)), 0, 256);

    private static bool TryEncode(
        ReadOnlySpan<byte> plane,
        PlaneHistogram histogram,
        int unitShift,
        bool isOfFloats,
        int leastSaving,
        Span<byte> coded,
        CodingWorkspace workspace,
        out int written)
    {
        LzWorkspace own = workspace.Lz;
        LzSequences sequences = own.Sequences;
        // In 16ths of a bit, and never nothing.
        int literalPrice = (int)Math.Max(1, histogram.EntropyBits * 16 / histogram.Total) << unitShift;
        LzEffort effort = workspace.LzEffort;
        written = 0;
        if (!LzLazyParser.TryParse(plane, unitShift, literalPrice, LzEffort.Quick, leastSaving, own.Chains, sequences))
        {
            return false;
        }

        for (int pass = 0; pass < effort.OptimalPasses; pass++)
        {
            own.Prices.Learn(plane, unitShift, sequences.Items);
            own.OptimalParser.Parse(plane, unitShift, effort, own.Prices, own.Chains, sequences);
        }

        return own.Encoder.TryEncode(plane, unitShift, isOfFloats, sequences, coded, workspace, out written);
    }

    private static ReadOnlySpan<byte> MergedTokens(ReadOnlySpan<byte> streams, LzWorkspace own)
    {
        if (own.Header.TokenContext == LzTokenContext.None)
        {
            return streams;
        }

        Span<byte> tokens = own.Tokens(streams.Length);
        if (!LzTokens.TryMerge(streams, own.Header, tokens))
        {
            LzThrow.Corrupt("has a stream of tokens that ends too early");
        }

        return tokens;
    }

    // A chunk behind the last literal can be read.
    private static Span<byte> MergedLiterals(Span<byte> streams, LzWorkspace own)
    {
        LzHeader header = own.Header;
        if (header.UnitShift == 0)
        {
            return streams;
        }

        int length = LzHeader.LengthOf(header.Literals);
        Span<byte> units = own.Units(length + LzDecoder.Chunk);
        LzUnits.Merge(streams, header.Literals[0].Length, header.UnitShift, header.IsRotated, units[..length]);
        return units;
    }

    private static unsafe LzOutcome DecodePlain(in LzInput input, LzHeader header, byte* literals, Span<byte> plane, out int position)
    {
        var plain = new LzPlainLiterals(literals, LzHeader.LengthOf(header.Literals));
        return LzDecoder.Decode(input, header.UnitShift, header.OffsetPrecision, plane, ref plain, out position);
    }

    private static unsafe LzOutcome DecodeWithContexts(in LzInput input, LzHeader header, byte* literals, Span<byte> plane, out int position)
    {
        LzLiteralStream* streams = stackalloc LzLiteralStream[2 * LzContextMap.MaxStreams];
        int count = 0;
        foreach (LzStreamEntry entry in header.Streams[(header.Tokens.Length + 2)..])
        {
            streams[count].Next = literals;
            literals += entry.Length;
            streams[count++].End = literals;
        }

        // First literals' streams are counted from the others' end.
        Span<byte> firsts = stackalloc byte[LzFormat.LiteralContexts];
        for (int context = 0; context < firsts.Length; context++)
        {
            firsts[context] = (byte)(header.Literals.Length + header.FirstMap.StreamOf[context]);
        }

        fixed (byte* streamOf = header.LiteralMap.StreamOf, firstOf = firsts)
        {
            var byContext = new LzContextLiterals(streams, count, streamOf, header.HasFirst ? firstOf : null);
            return LzDecoder.Decode(input, header.UnitShift, header.OffsetPrecision, plane, ref byContext, out position);
        }
    }

    private static string Describe(LzOutcome outcome) => outcome switch
    {
        LzOutcome.Truncated => "a stream ends too early,",
        LzOutcome.OffsetTooFar => "an offset reaches before the plane,",
        LzOutcome.TooLong => "a sequence passes the end of the plane,",
        _ => "streams are not used up",
    };
}
