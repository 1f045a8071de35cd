using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>Kernel: decodes the streams of a plane, several at a time, so that no look-up waits for the one before.</summary>
internal static class HuffmanDecoder
{
    // A round makes four look-ups of 12 bits from one load of 64, of which at least 57 are good.
    private const nuint MaxBytesReadPerRound = 6;
    private const nuint MaxSymbolsPerRound = 12;

    // The last look-up of a round stores 4 bytes, at most 9 symbols behind the start of the round.
    private const nuint RoomForRound = 13;

    /// <summary>
    /// Fills the parts of all streams. Afterwards each stream's position tells how many bits it used; a corrupt stream may
    /// have used bits behind its end, but nothing outside <paramref name="coded"/> was read, zeros stand for that.
    /// </summary>
    /// <param name="coded">The coded plane, with all streams; fewer than 2^28 bytes.</param>
    /// <param name="plane">The plane.</param>
    /// <param name="table">The table.</param>
    /// <param name="lookup">What <see cref="HuffmanTable.MakeLookup"/> made of that table.</param>
    /// <param name="streams">1, 4 or 8 streams whose positions lie in <paramref name="coded"/> and whose parts lie in <paramref name="plane"/>.</param>
    public static void Decode(
        ReadOnlySpan<byte> coded, Span<byte> plane, HuffmanTable table, ReadOnlySpan<uint> lookup, Span<HuffmanStream> streams)
    {
        // Parts that are easier to code than others end first; the rest goes on with fewer streams at a time.
        if (streams.Length == 8)
        {
            for (nuint rounds; (rounds = SafeRounds(streams, coded.Length)) > 0;)
            {
                DecodeEight(coded, plane, lookup, streams, rounds);
            }
        }

        for (int i = 0; i + 4 <= streams.Length; i += 4)
        {
            Span<HuffmanStream> four = streams.Slice(i, 4);
            for (nuint rounds; (rounds = SafeRounds(four, coded.Length)) > 0;)
            {
                DecodeFour(coded, plane, lookup, four, rounds);
            }
        }

        for (int i = 0; i < streams.Length; i++)
        {
            Span<HuffmanStream> one = streams.Slice(i, 1);
            for (nuint rounds; (rounds = SafeRounds(one, coded.Length)) > 0;)
            {
                DecodeOne(coded, plane, lookup, one, rounds);
            }

            DecodeTail(coded, plane, table.Lengths, lookup, ref one[0]);
        }
    }

    /// <summary>Rounds after which every load and store of all these streams still lies inside the coded bytes and the stream's part.</summary>
    private static nuint SafeRounds(ReadOnlySpan<HuffmanStream> streams, int codedLength)
    {
        nuint rounds = nuint.MaxValue;
        foreach (ref readonly HuffmanStream stream in streams)
        {
            nuint room = stream.OutputEnd - stream.Output;
            nuint readEnd = (stream.Position >> 3) + sizeof(ulong);
            if (room < RoomForRound || readEnd > (nuint)codedLength)
            {
                return 0;
            }

            rounds = Math.Min(rounds, ((room - RoomForRound) / MaxSymbolsPerRound) + 1);
            rounds = Math.Min(rounds, (((nuint)codedLength - readEnd) / MaxBytesReadPerRound) + 1);
        }

        return rounds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeEight(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<uint> lookup, Span<HuffmanStream> streams, nuint rounds)
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref byte output = ref MemoryMarshal.GetReference(plane);
        ref uint table = ref MemoryMarshal.GetReference(lookup);
        HuffmanStream a = streams[0], b = streams[1], c = streams[2], d = streams[3];
        HuffmanStream e = streams[4], f = streams[5], g = streams[6], h = streams[7];
        for (; rounds > 0; rounds--)
        {
            Round(ref input, ref output, ref table, ref a.Position, ref a.Output);
            Round(ref input, ref output, ref table, ref b.Position, ref b.Output);
            Round(ref input, ref output, ref table, ref c.Position, ref c.Output);
            Round(ref input, ref output, ref table, ref d.Position, ref d.Output);
            Round(ref input, ref output, ref table, ref e.Position, ref e.Output);
            Round(ref input, ref output, ref table, ref f.Position, ref f.Output);
            Round(ref input, ref output, ref table, ref g.Position, ref g.Output);
            Round(ref input, ref output, ref table, ref h.Position, ref h.Output);
        }

        (streams[0], streams[1], streams[2], streams[3]) = (a, b, c, d);
        (streams[4], streams[5], streams[6], streams[7]) = (e, f, g, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeFour(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<uint> lookup, Span<HuffmanStream> streams, nuint rounds)
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref byte output = ref MemoryMarshal.GetReference(plane);
        ref uint table = ref MemoryMarshal.GetReference(lookup);
        HuffmanStream a = streams[0], b = streams[1], c = streams[2], d = streams[3];
        for (; rounds > 0; rounds--)
        {
            Round(ref input, ref output, ref table, ref a.Position, ref a.Output);
            Round(ref input, ref output, ref table, ref b.Position, ref b.Output);
            Round(ref input, ref output, ref table, ref c.Position, ref c.Output);
            Round(ref input, ref output, ref table, ref d.Position, ref d.Output);
        }

        (streams[0], streams[1], streams[2], streams[3]) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeOne(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<uint> lookup, Span<HuffmanStream> streams, nuint rounds)
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref byte output = ref MemoryMarshal.GetReference(plane);
        ref uint table = ref MemoryMarshal.GetReference(lookup);
        HuffmanStream a = streams[0];
        for (; rounds > 0; rounds--)
        {
            Round(ref input, ref output, ref table, ref a.Position, ref a.Output);
        }

        streams[0] = a;
    }

    // Symbol by symbol, for what is too near the end of the part or of the coded bytes to decode in rounds.
    private static void DecodeTail(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> lookup, ref HuffmanStream stream)
    {
        for (; stream.Output < stream.OutputEnd; stream.Output++)
        {
            ulong bits = BitReader.Peek(coded, (long)stream.Position);
            byte symbol = (byte)(lookup[(int)(bits & (HuffmanTable.LookupSize - 1))] >> HuffmanTable.FirstSymbolShift);
            plane[(int)stream.Output] = symbol;
            stream.Position += lengths[symbol];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref byte input, ref byte output, ref uint table, ref nuint position, ref nuint to)
    {
        ulong bits = LittleEndian.ReadUInt64(in input, position >> 3) >> (int)(position & 7);
        uint first = LookUp(ref output, ref table, ref bits, ref to);
        uint second = LookUp(ref output, ref table, ref bits, ref to);
        uint third = LookUp(ref output, ref table, ref bits, ref to);
        uint fourth = LookUp(ref output, ref table, ref bits, ref to);

        // Four times at most 12 bits: the sum of the lowest six bits does not carry.
        position += (first + second + third + fourth) & 63;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LookUp(ref byte output, ref uint table, ref ulong bits, ref nuint to)
    {
        uint entry = Unsafe.Add(ref table, (nuint)(bits & (HuffmanTable.LookupSize - 1)));
        bits >>= (int)entry;
        LittleEndian.WriteUInt32(ref output, to, entry >> HuffmanTable.FirstSymbolShift);
        to += entry >> HuffmanTable.CountShift;
        return entry;
    }
}
