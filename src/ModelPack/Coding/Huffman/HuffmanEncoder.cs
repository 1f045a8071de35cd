using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>Kernel: codes one part of a plane into one stream.</summary>
internal static class HuffmanEncoder
{
    // Eight codes of 12 bits.
    private const int SymbolsPerRound = 8;
    private const int MaxBytesPerRound = 12;

    // Bits that can be pending without meeting the lengths in the lowest four bits.
    private const uint MaxPending = 60;

    /// <summary>Writes the codes of <paramref name="part"/> one behind the other, then the end mark.</summary>
    /// <param name="part">Symbols, all of which have a code.</param>
    /// <param name="codes">256 codes as <see cref="HuffmanTable.MakeCodes"/> makes them.</param>
    /// <param name="stream">Room; may be used as scratch behind what is written.</param>
    /// <param name="written">Bytes of the stream.</param>
    /// <returns>False when the stream does not fit.</returns>
    public static bool TryEncode(ReadOnlySpan<byte> part, ReadOnlySpan<ulong> codes, Span<byte> stream, out int written)
    {
        State state = default;

        // How many rounds surely fit is found anew as long as codes shorter than the longest leave room for more.
        for (int rounds; (rounds = SafeRounds(part.Length - (int)state.From, stream.Length - (int)state.To)) > 0;)
        {
            EncodeRounds(part, codes, stream, rounds, ref state);
        }

        int start = (int)state.To;
        var writer = new BitWriter(stream[start..]);
        bool fits = writer.TryWrite((uint)Low(state.Pending, state.PendingCount), (int)state.PendingCount);
        foreach (byte symbol in part[(int)state.From..])
        {
            uint length = (byte)codes[symbol];
            fits = fits && writer.TryWrite((uint)Low(codes[symbol], length), (int)length);
        }

        if (!fits || !writer.TryWrite(1, 1) || !writer.TryFinish(out int tail))
        {
            written = 0;
            return false;
        }

        written = start + tail;
        return true;
    }

    private static int SafeRounds(int symbols, int room) =>
        Math.Min(symbols / SymbolsPerRound, (room - sizeof(ulong)) / MaxBytesPerRound);

    // The highest bits, fewer than 64, moved down.
    private static ulong Low(ulong bits, uint count) => bits >> 1 >> (int)(63 - count);

    [MethodImpl(KernelMethod.Options)]
    private static void EncodeRounds(ReadOnlySpan<byte> part, ReadOnlySpan<ulong> codes, Span<byte> stream, int rounds, ref State state)
    {
        ref ulong code = ref MemoryMarshal.GetReference(codes);
        ref byte output = ref MemoryMarshal.GetReference(stream);
        ref byte from = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(part), state.From);
        nuint to = state.To;
        ulong pending = state.Pending;
        uint pendingCount = state.PendingCount;
        state.From += (nuint)(uint)rounds * SymbolsPerRound;
        do
        {
            // Two groups, put together before they meet `pending`: the chain through it stays short.
            ulong low = Join(ref code, ref from, 0, out uint lowCount);
            ulong high = Join(ref code, ref from, 4, out uint highCount);
            from = ref Unsafe.AddByteOffset(ref from, SymbolsPerRound);
            if (pendingCount + (byte)lowCount + (byte)highCount > MaxPending)
            {
                Append(low, lowCount, ref pending, ref pendingCount, ref output, ref to);
                low = 0;
                lowCount = 0;
            }

            Append((low >> (int)highCount) | high, lowCount + highCount, ref pending, ref pendingCount, ref output, ref to);
        }
        while (--rounds > 0);

        state.To = to;
        state.Pending = pending;
        state.PendingCount = pendingCount;
    }

    // Shifts take their count from the lowest six bits, so lengths need no masks; they get into the lowest four bits only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(ref ulong code, ref byte from, nuint offset, out uint count)
    {
        ulong a = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref from, offset));
        ulong b = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref from, offset + 1));
        ulong c = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref from, offset + 2));
        ulong d = Unsafe.Add(ref code, (nuint)Unsafe.AddByteOffset(ref from, offset + 3));
        count = (uint)a + (uint)b + (uint)c + (uint)d;
        return (((((a >> (int)b) | b) >> (int)c) | c) >> (int)d) | d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(ulong bits, uint count, ref ulong pending, ref uint pendingCount, ref byte output, ref nuint to)
    {
        pending = (pending >> (int)count) | bits;
        pendingCount += count;
        LittleEndian.WriteUInt64(ref output, to, pending >> -(int)pendingCount);
        to += (nuint)(uint)((byte)pendingCount >> 3);
        pendingCount &= 7;
    }

    private struct State
    {
        public nuint From;
        public nuint To;

        // The highest bits are not yet written; what is below them is left over and shifted out.
        public ulong Pending;
        public uint PendingCount;
    }
}
