namespace ModelPack.Coding.ContextAns;

/// <summary>Codes values backwards into states and words.</summary>
internal static class ContextAnsEncoder
{
    /// <summary>At places without an element.</summary>
    public const ushort Absent = ushort.MaxValue;

    /// <summary>Codes places of a table's entries.</summary>
    /// <param name="indices">Context and byte of each place.</param>
    /// <param name="tables">The frequencies.</param>
    /// <param name="states">Receives the lanes' states with which a decoder starts.</param>
    /// <param name="words">As long as the indices; receives the words at its end.</param>
    /// <returns>Index of the first word.</returns>
    public static int Encode(ReadOnlySpan<ushort> indices, ReadOnlySpan<uint> tables, Span<uint> states, Span<ushort> words)
    {
        states.Fill(ContextAnsDecoder.LeastState);
        int word = words.Length;
        for (int i = indices.Length - 1; i >= 0; i--)
        {
            int index = indices[i];
            if (index == Absent)
            {
                continue;
            }

            ref uint lane = ref states[i % ContextAnsModel.Lanes];
            uint state = lane;
            uint frequency = tables[index] >> 16;
            if (state >= (ulong)frequency << (32 - ContextAnsModel.TotalBits))
            {
                words[--word] = (ushort)state;
                state >>= 16;
            }

            (uint quotient, uint remainder) = Math.DivRem(state, frequency);
            lane = (quotient << ContextAnsModel.TotalBits) + remainder + (ushort)tables[index];
        }

        return word;
    }

    /// <summary>Frequency (high half) and first slot of each byte in each context.</summary>
    public static void FillTable(ContextAnsTables tables, Span<uint> entries)
    {
        for (int context = 0; context < tables.ContextCount; context++)
        {
            uint start = 0;
            ReadOnlySpan<short> frequencies = tables[context];
            for (int symbol = 0; symbol < frequencies.Length; symbol++)
            {
                entries[(context * ContextAnsTables.Symbols) + symbol] = ((uint)frequencies[symbol] << 16) | start;
                start += (uint)frequencies[symbol];
            }
        }
    }
}
