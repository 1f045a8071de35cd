using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>Decodes the streams of a plane: rounds of several streams, and what is left symbol by symbol.</summary>
internal static class HuffmanDecoder
{
    // Below this many bits a symbol, six at a time hardly ever fail to fit 56 bits.
    private const int LikelyMaxMeanLength = 5;

    // A failure costs as much as a few rounds; where they come more often than this, safe rounds are faster.
    private const int FewestRoundsBetweenFailures = 16;

    /// <summary>
    /// Fills the parts of all streams. Afterwards each stream's position tells how many bits it used; a corrupt stream may
    /// have used bits behind its end, but nothing outside <paramref name="coded"/> was read, zeros stand for that.
    /// </summary>
    /// <param name="coded">The coded plane, with all streams; fewer than 2^28 bytes.</param>
    /// <param name="plane">The plane.</param>
    /// <param name="lookup">What <see cref="HuffmanTable.MakeLookup"/> made.</param>
    /// <param name="streams">1, 4 or 8 streams whose positions lie in <paramref name="coded"/> and whose parts cover <paramref name="plane"/>.</param>
    public static void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, Span<HuffmanStream> streams)
    {
        if (streams.Length > 1)
        {
            if (coded.Length * 8L < plane.Length * (long)LikelyMaxMeanLength)
            {
                DecodeLikely(coded, plane, lookup, streams);
            }

            for (nuint rounds; (rounds = Rounds<SafeRound>(streams, coded.Length)) > 0;)
            {
                _ = DecodeRounds<SafeRound>(coded, plane, lookup, streams, rounds);
            }
        }

        for (int i = 0; i < streams.Length; i++)
        {
            Span<HuffmanStream> one = streams.Slice(i, 1);
            for (nuint rounds; (rounds = Rounds<SafeRound>(one, coded.Length)) > 0;)
            {
                HuffmanRounds.DecodeOne(coded, plane, lookup, ref one[0], rounds);
            }

            DecodeTail(coded, plane, lookup, ref one[0]);
        }
    }

    private static void DecodeLikely(ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, Span<HuffmanStream> streams)
    {
        for (nuint rounds; (rounds = Rounds<LikelyRound>(streams, coded.Length)) > 0;)
        {
            nuint done = DecodeRounds<LikelyRound>(coded, plane, lookup, streams, rounds);
            if (done < rounds)
            {
                // A likely round that has room leaves room for a safe one.
                _ = DecodeRounds<SafeRound>(coded, plane, lookup, streams, 1);
                if (done < FewestRoundsBetweenFailures)
                {
                    return;
                }
            }
        }
    }

    private static nuint DecodeRounds<TRound>(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, Span<HuffmanStream> streams, nuint rounds)
        where TRound : struct, IHuffmanRound => streams.Length == 4
            ? HuffmanRounds.DecodeFour<TRound>(coded, plane, lookup, streams, rounds)
            : HuffmanRounds.DecodeEight<TRound>(coded, plane, lookup, streams, rounds);

    /// <summary>Rounds after which every load and store of all these streams still lies inside the coded bytes and the stream's part.</summary>
    private static nuint Rounds<TRound>(ReadOnlySpan<HuffmanStream> streams, int codedLength)
        where TRound : struct, IHuffmanRound
    {
        nuint rounds = nuint.MaxValue;
        foreach (ref readonly HuffmanStream stream in streams)
        {
            nuint readEnd = (stream.Position >> 3) + sizeof(ulong);
            if (readEnd > (nuint)codedLength)
            {
                return 0;
            }

            rounds = Math.Min(rounds, (stream.OutputEnd - stream.Output) / (nuint)TRound.Symbols);
            rounds = Math.Min(rounds, ((nuint)codedLength - readEnd) / (nuint)TRound.MaxBytes);
        }

        return rounds;
    }

    // For what is too near the end of the part or of the coded bytes to decode in rounds.
    private static void DecodeTail(ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, ref HuffmanStream stream)
    {
        for (; stream.Output < stream.OutputEnd; stream.Output++)
        {
            ushort entry = lookup[(int)(BitReader.Peek(coded, (long)stream.Position) & (HuffmanTable.LookupSize - 1))];
            plane[(int)stream.Output] = (byte)(entry >> HuffmanTable.SymbolShift);
            stream.Position += (byte)entry;
        }
    }
}
