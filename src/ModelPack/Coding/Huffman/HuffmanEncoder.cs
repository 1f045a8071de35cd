using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>Kernel: codes one part of a plane into one stream.</summary>
internal static class HuffmanEncoder
{
    // Four codes of 12 bits and up to 7 bits left over from before.
    private const int SymbolsPerRound = 4;
    private const int MaxBytesPerRound = 6;

    /// <summary>Writes the codes of <paramref name="part"/> one behind the other, then the end mark.</summary>
    /// <param name="part">Symbols, all of which have a code.</param>
    /// <param name="codes">256 codes as <see cref="HuffmanTable.MakeCodes"/> makes them.</param>
    /// <param name="stream">Room; may be used as scratch behind what is written.</param>
    /// <param name="written">Bytes of the stream.</param>
    /// <returns>False when the stream does not fit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryEncode(ReadOnlySpan<byte> part, ReadOnlySpan<uint> codes, Span<byte> stream, out int written)
    {
        ref byte symbols = ref MemoryMarshal.GetReference(part);
        ref uint code = ref MemoryMarshal.GetReference(codes);
        ref byte output = ref MemoryMarshal.GetReference(stream);
        ulong pending = 0;
        int pendingCount = 0;
        nuint from = 0;
        nuint to = 0;

        // How many rounds surely fit is found anew as long as codes shorter than the longest leave room for more.
        for (int rounds; (rounds = SafeRounds(part.Length - (int)from, stream.Length - (int)to)) > 0;)
        {
            for (; rounds > 0; rounds--)
            {
                uint a = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref symbols, from));
                uint b = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref symbols, from + 1));
                uint c = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref symbols, from + 2));
                uint d = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref symbols, from + 3));
                from += SymbolsPerRound;

                // Two pairs apart from each other keep the chain through `pending` short.
                uint low = (a >> 8) | ((b >> 8) << (byte)a);
                uint high = (c >> 8) | ((d >> 8) << (byte)c);
                int lowCount = (byte)a + (byte)b;
                int highCount = (byte)c + (byte)d;
                pending |= (low | ((ulong)high << lowCount)) << pendingCount;
                pendingCount += lowCount + highCount;
                LittleEndian.WriteUInt64(ref output, to, pending);
                to += (nuint)(pendingCount >> 3);
                pending >>= pendingCount & 56;
                pendingCount &= 7;
            }
        }

        var writer = new BitWriter(stream[(int)to..]);
        bool fits = writer.TryWrite((uint)pending, pendingCount);
        foreach (byte symbol in part[(int)from..])
        {
            fits = fits && writer.TryWrite(codes[symbol] >> 8, (byte)codes[symbol]);
        }

        if (!fits || !writer.TryWrite(1, 1) || !writer.TryFinish(out int tail))
        {
            written = 0;
            return false;
        }

        written = (int)to + tail;
        return true;
    }

    private static int SafeRounds(int symbols, int room) =>
        Math.Min(symbols / SymbolsPerRound, (room - sizeof(ulong)) / MaxBytesPerRound);
}
