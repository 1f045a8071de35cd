using System.Buffers.Binary;
using System.Numerics;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>
/// The code lengths of a canonical code with at least two symbols, their coded form (SPEC.md, "Table"), and the tables
/// that encoder and decoder derive from them.
/// </summary>
internal sealed class HuffmanTable
{
    public const int SymbolCount = 256;

    /// <summary>Longest code in bits; also the width of an index into the decoder's look-up table.</summary>
    public const int MaxCodeLength = 12;

    public const int LookupSize = 1 << MaxCodeLength;

    /// <summary>Most bits a coded table takes: every symbol at most the 7 of an explicit length; a gap never costs more.</summary>
    public const int MaxCodedBits = SymbolCount * 7;

    /// <summary>Where the symbol lies in an entry of the look-up table.</summary>
    public const int SymbolShift = 8;

    // The length that the first symbol is compared with.
    private const int InitialLength = 8;

    private readonly byte[] _lengths = new byte[SymbolCount];

    /// <summary>Code length of each symbol, 0 for one that does not occur.</summary>
    public ReadOnlySpan<byte> Lengths => _lengths;

    /// <summary>Takes over optimal lengths for these counts.</summary>
    /// <param name="counts">As <see cref="PackageMerge.FindLengths"/> requires.</param>
    /// <param name="packageMerge">Scratch memory.</param>
    public void Optimize(ReadOnlySpan<uint> counts, PackageMerge packageMerge) =>
        packageMerge.FindLengths(counts, MaxCodeLength, _lengths);

    /// <summary>Writes the table; false when it does not fit.</summary>
    public bool TryWrite(ref BitWriter writer)
    {
        int kraft = 0;
        int previous = InitialLength;
        for (int symbol = 0; kraft < LookupSize; symbol++)
        {
            int gap = 0;
            for (; _lengths[symbol] == 0; symbol++)
            {
                gap++;
            }

            int length = _lengths[symbol];
            if (!TryWriteGap(ref writer, gap) || !TryWriteLength(ref writer, length, previous))
            {
                return false;
            }

            kraft += LookupSize >> length;
            previous = length;
        }

        return true;
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="ModelPackException">It is not the coded form of a complete code.</exception>
    public void Read(ref BitReader reader)
    {
        Array.Clear(_lengths);
        int kraft = 0;
        int previous = InitialLength;
        bool afterGap = false;
        for (int symbol = 0; kraft < LookupSize; symbol++)
        {
            if (symbol >= SymbolCount || reader.IsOverrun)
            {
                HuffmanThrow.Incomplete(kraft);
            }

            if (reader.Read(1) == 0)
            {
                // The length of the symbol before.
            }
            else if (reader.Read(1) == 0)
            {
                previous += reader.Read(1) == 0 ? 1 : -1;
            }
            else if (reader.Read(1) == 0)
            {
                if (afterGap)
                {
                    HuffmanThrow.Corrupt($"table has two gaps in a row before symbol {symbol}");
                }

                // The loop steps over the last symbol of the gap.
                symbol += ReadGap(ref reader) - 1;
                afterGap = true;
                continue;
            }
            else
            {
                int length = (int)reader.Read(4);
                if (Math.Abs(length - previous) < 2)
                {
                    HuffmanThrow.Corrupt($"table gives length {length} of symbol {symbol} in long form, after length {previous}");
                }

                previous = length;
            }

            if (previous is < 1 or > MaxCodeLength)
            {
                HuffmanThrow.Corrupt($"table gives symbol {symbol} length {previous}, allowed are 1 to {MaxCodeLength}");
            }

            afterGap = false;
            _lengths[symbol] = (byte)previous;
            kraft += LookupSize >> previous;
        }

        if (kraft > LookupSize)
        {
            HuffmanThrow.Corrupt($"table is over-subscribed: its Kraft sum is {kraft}/{LookupSize}");
        }
    }

    /// <summary>
    /// Fills in the code of every symbol for the encoder: the bits of the code highest, its last bit at bit 63, the length
    /// lowest.
    /// </summary>
    public void MakeCodes(Span<ulong> codes)
    {
        Span<uint> next = stackalloc uint[MaxCodeLength + 1];
        FirstCodes(next);
        codes = codes[..SymbolCount];
        codes.Clear();
        for (int symbol = 0; symbol < SymbolCount; symbol++)
        {
            int length = _lengths[symbol];
            if (length != 0)
            {
                codes[symbol] = ((ulong)Reverse(next[length]++, length) << (64 - length)) | (uint)length;
            }
        }
    }

    /// <summary>
    /// Fills in the first code of each value of the next <see cref="MaxCodeLength"/> bits: its length in the lower byte,
    /// its symbol in the upper.
    /// </summary>
    /// <param name="lookup"><see cref="LookupSize"/> entries.</param>
    public void MakeLookup(Span<ushort> lookup)
    {
        Span<uint> next = stackalloc uint[MaxCodeLength + 1];
        FirstCodes(next);
        Span<byte> sorted = stackalloc byte[SymbolCount];
        Span<int> ends = stackalloc int[MaxCodeLength + 1];
        SortByLength(sorted, ends);

        // Grows by one index bit at a time: the codes so far repeat in the new half, then the codes of the new length take
        // their places.
        lookup = lookup[..LookupSize];
        lookup[0] = 0;
        for (int length = 1; length <= MaxCodeLength; length++)
        {
            int half = 1 << (length - 1);
            lookup[..half].CopyTo(lookup.Slice(half, half));
            foreach (byte symbol in sorted[ends[length - 1]..ends[length]])
            {
                lookup[(int)Reverse(next[length]++, length)] = (ushort)((symbol << SymbolShift) | length);
            }
        }
    }

    // Canonical codes as in RFC 1951, 3.2.2: by length, then by symbol.
    private void FirstCodes(Span<uint> first)
    {
        Span<uint> population = stackalloc uint[MaxCodeLength + 1];
        population.Clear();
        foreach (byte length in _lengths)
        {
            population[length]++;
        }

        population[0] = 0;
        first[0] = 0;
        for (int length = 1; length <= MaxCodeLength; length++)
        {
            first[length] = (first[length - 1] + population[length - 1]) << 1;
        }
    }

    private void SortByLength(Span<byte> sorted, Span<int> ends)
    {
        ends.Clear();
        foreach (byte length in _lengths)
        {
            ends[length]++;
        }

        ends[0] = 0;
        for (int length = 1; length < ends.Length; length++)
        {
            ends[length] += ends[length - 1];
        }

        Span<int> next = stackalloc int[MaxCodeLength + 1];
        ends[..^1].CopyTo(next[1..]);
        for (int symbol = 0; symbol < SymbolCount; symbol++)
        {
            if (_lengths[symbol] is byte length and not 0)
            {
                sorted[next[length]++] = (byte)symbol;
            }
        }
    }

    private static uint Reverse(uint code, int length)
    {
        code = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
        code = ((code & 0x3333) << 2) | ((code >> 2) & 0x3333);
        code = ((code & 0x0F0F) << 4) | ((code >> 4) & 0x0F0F);
        return (BinaryPrimitives.ReverseEndianness((ushort)code) & 0xFFFFu) >> (16 - length);
    }

    private static bool TryWriteGap(ref BitWriter writer, int gap)
    {
        if (gap == 0)
        {
            return true;
        }

        // 1 1 0, then Elias gamma: as many zeros as bits follow the leading one.
        int width = BitOperations.Log2((uint)gap);
        uint low = (uint)gap & ((1u << width) - 1);
        return writer.TryWrite(0b011, 3) && writer.TryWrite(1u << width, width + 1) && writer.TryWrite(low, width);
    }

    private static int ReadGap(ref BitReader reader)
    {
        int width = 0;
        while (reader.Read(1) == 0)
        {
            // A gap of 2^8 would leave no symbol; this also ends the loop where the bits have ended.
            if (++width == 8)
            {
                HuffmanThrow.Corrupt($"table has a gap of {SymbolCount} symbols or more");
            }
        }

        return (1 << width) | (int)reader.Read(width);
    }

    private static bool TryWriteLength(ref BitWriter writer, int length, int previous) => (length - previous) switch
    {
        0 => writer.TryWrite(0, 1),
        1 => writer.TryWrite(0b001, 3),
        -1 => writer.TryWrite(0b101, 3),
        _ => writer.TryWrite(0b111u | ((uint)length << 3), 7),
    };
}
