using System.Buffers.Binary;

namespace ModelPack.Coding.LaneAns;

/// <summary>Table ANS over 64 or 128 interleaved lanes, for planes with few frequent values (SPEC.md).</summary>
internal sealed class LaneAnsCoder : IPlaneCoder
{
    public static readonly LaneAnsCoder Instance = new();

    /// <summary><see cref="Name"/>, for messages.</summary>
    public const string CoderName = "lane-ans";

    // From here on the second group's states and windows (at most 0.8 % of the plane) are worth its speed.
    private const int TwoGroupsLength = 1 << 14;

    // Several tables must save a bit for so many bytes: changing them takes decoding time.
    private const int LeastClassSaving = 100;

    public CoderId Id => CoderId.LaneAns;

    public string Name => CoderName;

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace)
    {
        LaneAnsWorkspace own = workspace.LaneAns;
        LaneAnsTable table = own.Header.Tables[0];
        long bits = own.Choice.Choose(histogram, LaneAnsTable.MaxStateBits, table, out int literals);
        int groups = GroupsFor(histogram.PlaneLength);
        // On average half of each window's first word is empty.
        long windows = bits == 0 ? 0 : groups * LaneAnsLanes.WindowsPerGroup * (sizeof(ulong) / 2);
        return LaneAnsHeader.LengthOf(table.SymbolCount, groups) + ((literals + (bits / 8)) * histogram.PlaneLength / histogram.Total) + windows;
    }

    /// <inheritdoc/>
    /// <remarks>A histogram of a sample will do.</remarks>
    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        TryEncode(plane, histogram, coded, workspace, LaneAnsTable.MaxStateBits, GroupsFor(plane.Length), out written);

    /// <summary><see cref="TryEncode(ReadOnlySpan{byte}, PlaneHistogram, Span{byte}, CodingWorkspace, out int)"/> with the format's parameters given.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="histogram">Counts of exactly this plane or of a sample.</param>
    /// <param name="coded">Room for the coded bytes.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="stateBits">L, 7 or 8.</param>
    /// <param name="groups">G, 1 or 2.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    internal static bool TryEncode(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, int stateBits, int groups, out int written)
    {
        bool fits = TryEncodeStreams(plane, histogram, coded.Length, workspace, stateBits, groups, out Range literals, out Range words, out written);
        if (fits)
        {
            Write(workspace.LaneAns, literals, words, coded);
        }

        return fits;
    }

    /// <summary>
    /// The same, with the coded bytes written to the end of their room, which may be where the plane lies: of that, nothing is
    /// needed any more when they are written.
    /// </summary>
    /// <param name="plane">The plane.</param>
    /// <param name="histogram">Counts of exactly this plane or of a sample.</param>
    /// <param name="coded">Room for the coded bytes.</param>
    /// <param name="most">The most bytes of it to use.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    public static bool TryEncodeToEnd(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, int most, CodingWorkspace workspace, out int written)
    {
        bool fits = TryEncodeStreams(
            plane, histogram, most, workspace, LaneAnsTable.MaxStateBits, GroupsFor(plane.Length), out Range literals, out Range words, out written);
        if (fits)
        {
            Write(workspace.LaneAns, literals, words, coded[^written..]);
        }

        return fits;
    }

    // Leaves the header and both streams in the workspace, and their length together.
    private static bool TryEncodeStreams(
        ReadOnlySpan<byte> plane,
        PlaneHistogram histogram,
        int most,
        CodingWorkspace workspace,
        int stateBits,
        int groups,
        out Range literals,
        out Range words,
        out int length)
    {
        length = 0;
        literals = default;
        words = default;
        if (histogram.PlaneLength != plane.Length)
        {
            LaneAnsThrow.HistogramOfAnotherPlane();
        }

        LaneAnsWorkspace own = workspace.LaneAns;
        BeginEncoding(plane, histogram, stateBits, groups, workspace.MostLaneTables > 1 && own.Classes.TryTake(plane) ? workspace.MostLaneTables : 1, own);
        if (most < own.Header.Length + own.Header.LiteralCount)
        {
            return false;
        }

        Span<byte> streams = own.Streams(LaneAnsEncoder.StreamsLength(plane.Length, groups));
        LaneAnsEncoder.Encode(plane, own.Encode, own.Header.Lanes, streams, out literals, out words);
        length = EndEncoding(histogram, own, streams[literals].Length, streams[words].Length);
        if (most < length)
        {
            length = 0;
            return false;
        }

        return true;
    }

    private static void BeginEncoding(ReadOnlySpan<byte> plane, PlaneHistogram histogram, int stateBits, int groups, int mostTables, LaneAnsWorkspace own)
    {
        LaneAnsHeader header = own.Header;
        header.Lanes.Reset(groups);
        if (mostTables == 1 || !TryChooseClasses(plane, stateBits, mostTables, own))
        {
            header.Tables.Reset(1, histogram.PlaneLength);
            _ = own.Choice.Choose(histogram, stateBits, header.Tables[0], out int literals);
            _ = header.TryTakeSymbols();
            header.LiteralCount = histogram.IsSample ? 0 : literals;
        }

        own.BuildEncode();
    }

    // Tables for classes of chunks; false where they save too little, and the header is then undefined.
    private static bool TryChooseClasses(ReadOnlySpan<byte> plane, int stateBits, int mostTables, LaneAnsWorkspace own)
    {
        LaneAnsTables tables = own.Header.Tables;
        tables.Reset(LaneAnsTables.MaxCount, plane.Length);
        int classes = own.Classes.Sort(plane, tables.OfChunks, mostTables);
        if (classes == 1)
        {
            return false;
        }

        _ = own.Choice.Choose(own.Classes.AllCounts, own.Classes.Total, isSample: true, stateBits, tables[0], out _);
        long one = own.Choice.Cost;
        long several = 0;
        for (int index = 0; index < classes; index++)
        {
            _ = own.Choice.Choose(own.Classes.CountsOf(index), own.Classes.TotalOf(index), isSample: true, stateBits, tables[index], out _);
            several += own.Choice.Cost;
        }

        tables.Limit(classes);
        own.Header.LiteralCount = 0;
        if (!own.Header.TryTakeSymbols())
        {
            return false;
        }

        long saving = (one - several) * plane.Length / own.Classes.Total;
        int more = own.Header.Length - LaneAnsHeader.LengthOf(own.Header.Symbols.Length, own.Header.Lanes.Groups);
        return saving - (8L * more) > plane.Length / LeastClassSaving;
    }

    // Completes the header and returns the length of all coded bytes.
    private static int EndEncoding(PlaneHistogram histogram, LaneAnsWorkspace own, int literals, int words)
    {
        if (!histogram.IsSample && own.Header.Tables.Count == 1 && literals != own.Header.LiteralCount)
        {
            LaneAnsThrow.HistogramOfAnotherPlane();
        }

        own.Header.LiteralCount = literals;
        return own.Header.Length + literals + words;
    }

    private static void Write(LaneAnsWorkspace own, Range literals, Range words, Span<byte> coded)
    {
        own.Header.Write(coded);
        coded = coded[own.Header.Length..];
        ReadOnlySpan<byte> streams = own.Streams(0);
        streams[literals].CopyTo(coded);
        streams[words].CopyTo(coded[own.Header.LiteralCount..]);
    }

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        LaneAnsWorkspace own = workspace.LaneAns;
        Begin(coded, plane.Length, own, out ReadOnlySpan<byte> literals, out ReadOnlySpan<byte> words);
        int needed = LaneAnsDecoder.Decode(own.Decode, own.Header.Lanes, literals, words, plane, out int used);
        End(own.Header.Lanes, literals.Length, needed, words.Length, used);
    }

    /// <summary>
    /// Decodes a plane of this length into a sink instead of a buffer, but for its last bytes. Strict as
    /// <see cref="Decode"/>; needs <see cref="LaneAnsDecoder.CanDecodeInto"/>.
    /// </summary>
    /// <param name="coded">The coded bytes.</param>
    /// <param name="planeLength">1 to <see cref="PlaneLimits.MaxPlaneLength"/>.</param>
    /// <param name="sink">Takes all whole steps.</param>
    /// <param name="rest">At least <see cref="LaneAnsLanes.MaxLanes"/> bytes; receives what does not fill a step.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <returns>Number of bytes in <paramref name="rest"/>.</returns>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.Corrupt"/>: what the sink took is then undefined.</exception>
    public static int DecodeInto<TSink>(ReadOnlySpan<byte> coded, int planeLength, ref TSink sink, Span<byte> rest, CodingWorkspace workspace)
        where TSink : struct, ISymbolSink
    {
        LaneAnsWorkspace own = workspace.LaneAns;
        Begin(coded, planeLength, own, out ReadOnlySpan<byte> literals, out ReadOnlySpan<byte> words);
        (int steps, int left) = Math.DivRem(planeLength, own.Header.Lanes.Lanes);
        int needed = LaneAnsDecoder.DecodeInto(own.Decode, own.Header.Lanes, literals, words, steps, ref sink, rest[..left], out int used);
        End(own.Header.Lanes, literals.Length, needed, words.Length, used);
        return left;
    }

    // Checks all that can be checked before decoding and makes ready for it.
    private static void Begin(
        ReadOnlySpan<byte> coded, int planeLength, LaneAnsWorkspace own, out ReadOnlySpan<byte> literals, out ReadOnlySpan<byte> words)
    {
        LaneAnsHeader header = own.Header;
        header.Read(coded, planeLength);
        ReadOnlySpan<byte> streams = coded[header.Length..];
        if (streams.Length < header.LiteralCount)
        {
            LaneAnsThrow.Corrupt($"has {streams.Length} bytes behind the header, its literals alone {header.LiteralCount}");
        }

        literals = streams[..header.LiteralCount];
        words = streams[header.LiteralCount..];
        CheckStreams(header.Tables, literals, words);
        LaneAnsLanes lanes = header.Lanes;
        words = words[lanes.ReadWindows(words)..];
        if (lanes.FirstWithUsedBits is >= 0 and int window)
        {
            LaneAnsThrow.Corrupt($"window {window} has bits below its start at bit {lanes.Positions[window]}");
        }

        own.BuildDecode();
    }

    // Checks that the plane ended as an encoder starts.
    private static void End(LaneAnsLanes lanes, int literals, int literalsNeeded, int wordBytes, int wordBytesUsed)
    {
        if (literalsNeeded != literals)
        {
            LaneAnsThrow.Corrupt($"has {literals} literals, its escapes need {literalsNeeded}");
        }

        if (wordBytesUsed != wordBytes)
        {
            LaneAnsThrow.Corrupt($"has {wordBytes} bytes of words behind its windows, {wordBytesUsed} were used");
        }

        if (!lanes.AreAtEnd)
        {
            LaneAnsThrow.Corrupt("the lanes do not end where an encoder starts");
        }
    }

    private static int GroupsFor(int planeLength) => planeLength >= TwoGroupsLength ? 2 : 1;

    private static void CheckStreams(LaneAnsTables tables, ReadOnlySpan<byte> literals, ReadOnlySpan<byte> words)
    {
        if (!literals.IsEmpty)
        {
            CheckLiterals(tables, literals);
        }

        if (words.Length % sizeof(ulong) != 0)
        {
            LaneAnsThrow.Corrupt($"has {words.Length} bytes of words, not a multiple of {sizeof(ulong)}");
        }

        if (!words.IsEmpty && BinaryPrimitives.ReadUInt64LittleEndian(words[^sizeof(ulong)..]) == 0)
        {
            LaneAnsThrow.Corrupt("its last word is zero, which is not stored");
        }
    }

    private static void CheckLiterals(LaneAnsTables tables, ReadOnlySpan<byte> literals)
    {
        Span<byte> inTables = stackalloc byte[256];
        inTables.Clear();
        for (int table = 0; table < tables.Count; table++)
        {
            foreach (byte symbol in tables[table].Symbols)
            {
                inTables[symbol]++;
            }
        }

        for (int i = 0; i < literals.Length; i++)
        {
            if (inTables[literals[i]] == tables.Count)
            {
                LaneAnsThrow.Corrupt($"literal {i} is 0x{literals[i]:X2}, a symbol of every table");
            }
        }
    }
}
