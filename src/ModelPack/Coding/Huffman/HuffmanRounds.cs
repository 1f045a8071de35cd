using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>How many symbols a round takes from one load of 64 bits.</summary>
internal interface IHuffmanRound
{
    /// <summary>4 or 6.</summary>
    static abstract int Symbols { get; }

    /// <summary>Most bytes a stream moves on in a round.</summary>
    static abstract int MaxBytes { get; }
}

/// <summary>Four codes of 12 bits always fit the 56 bits that a load surely gives.</summary>
internal readonly struct SafeRound : IHuffmanRound
{
    public static int Symbols => 4;

    public static int MaxBytes => 6;
}

/// <summary>Six codes fit unless they are uncommonly long; a round in which they do not is not done.</summary>
internal readonly struct LikelyRound : IHuffmanRound
{
    public static int Symbols => 6;

    public static int MaxBytes => 7;
}

/// <summary>
/// Kernel: decodes symbols of several streams in turns, so that no look-up waits for the one before. All streams take the
/// same number of symbols a round. The bits of a stream carry an end mark above them: its leading zeros tell how many
/// bits are used up, and it is gone when there were too few.
/// </summary>
internal static class HuffmanRounds
{
    private const ulong Mark = 1UL << 63;

    /// <summary>
    /// Takes <see cref="IHuffmanRound.Symbols"/> symbols from each of eight streams in every round, and stops early before a
    /// round that does not fit.
    /// </summary>
    /// <param name="coded">All streams; <see cref="IHuffmanRound.MaxBytes"/> bytes a round and 8 more lie behind each position.</param>
    /// <param name="plane">The plane; the symbols of all rounds fit each part.</param>
    /// <param name="lookup">What <see cref="HuffmanTable.MakeLookup"/> made.</param>
    /// <param name="streams">Eight streams whose outputs are equally far apart.</param>
    /// <param name="rounds">At least 1.</param>
    /// <returns>Rounds done.</returns>
    [MethodImpl(KernelMethod.Options)]
    public static nuint DecodeEight<TRound>(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, Span<HuffmanStream> streams, nuint rounds)
        where TRound : struct, IHuffmanRound
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref ushort table = ref MemoryMarshal.GetReference(lookup);
        ref byte output = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(plane), streams[0].Output);
        Frame frame = default;
        Enter(ref frame, streams, rounds);
        ulong a = Fill(ref input, frame.A), b = Fill(ref input, frame.B), c = Fill(ref input, frame.C), d = Fill(ref input, frame.D);
        ulong e = Fill(ref input, frame.E), f = Fill(ref input, frame.F), g = Fill(ref input, frame.G), h = Fill(ref input, frame.H);
        do
        {
            output = ref EightPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            output = ref EightPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            if (TRound.Symbols == 6)
            {
                output = ref EightPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                if (a == 0 || b == 0 || c == 0 || d == 0 || e == 0 || f == 0 || g == 0 || h == 0)
                {
                    break;
                }
            }

            a = Refill(ref input, ref frame.A, a);
            b = Refill(ref input, ref frame.B, b);
            c = Refill(ref input, ref frame.C, c);
            d = Refill(ref input, ref frame.D, d);
            e = Refill(ref input, ref frame.E, e);
            f = Refill(ref input, ref frame.F, f);
            g = Refill(ref input, ref frame.G, g);
            h = Refill(ref input, ref frame.H, h);
        }
        while (--frame.Rounds > 0);

        Leave(ref frame, streams, rounds, TRound.Symbols);
        return rounds - frame.Rounds;
    }

    /// <summary>As <see cref="DecodeEight"/>, for four streams.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static nuint DecodeFour<TRound>(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, Span<HuffmanStream> streams, nuint rounds)
        where TRound : struct, IHuffmanRound
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref ushort table = ref MemoryMarshal.GetReference(lookup);
        ref byte output = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(plane), streams[0].Output);
        Frame frame = default;
        Enter(ref frame, streams, rounds);
        ulong a = Fill(ref input, frame.A), b = Fill(ref input, frame.B), c = Fill(ref input, frame.C), d = Fill(ref input, frame.D);
        do
        {
            output = ref FourPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d);
            output = ref FourPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d);
            if (TRound.Symbols == 6)
            {
                output = ref FourPairs(ref output, ref table, ref frame, ref a, ref b, ref c, ref d);
                if (a == 0 || b == 0 || c == 0 || d == 0)
                {
                    break;
                }
            }

            a = Refill(ref input, ref frame.A, a);
            b = Refill(ref input, ref frame.B, b);
            c = Refill(ref input, ref frame.C, c);
            d = Refill(ref input, ref frame.D, d);
        }
        while (--frame.Rounds > 0);

        Leave(ref frame, streams, rounds, TRound.Symbols);
        return rounds - frame.Rounds;
    }

    /// <summary>As <see cref="DecodeEight"/> with <see cref="SafeRound"/>, for one stream.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void DecodeOne(
        ReadOnlySpan<byte> coded, Span<byte> plane, ReadOnlySpan<ushort> lookup, ref HuffmanStream stream, nuint rounds)
    {
        ref byte input = ref MemoryMarshal.GetReference(coded);
        ref ushort table = ref MemoryMarshal.GetReference(lookup);
        ref byte output = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(plane), stream.Output);
        stream.Output += rounds * (nuint)SafeRound.Symbols;
        nuint position = stream.Position;
        ulong bits = Fill(ref input, position);
        for (; rounds > 0; rounds--)
        {
            Pair(ref output, ref table, ref bits);
            Pair(ref Unsafe.AddByteOffset(ref output, 2), ref table, ref bits);
            bits = Refill(ref input, ref position, bits);
            output = ref Unsafe.AddByteOffset(ref output, SafeRound.Symbols);
        }

        stream.Position = position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte EightPairs(
        ref byte output, scoped ref ushort table, scoped ref Frame frame,
        scoped ref ulong a, scoped ref ulong b, scoped ref ulong c, scoped ref ulong d,
        scoped ref ulong e, scoped ref ulong f, scoped ref ulong g, scoped ref ulong h)
    {
        Pair(ref output, ref table, ref a);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref b);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref c);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref d);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref e);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref f);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref g);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref h);
        return ref Unsafe.AddByteOffset(ref output, frame.Back);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte FourPairs(
        ref byte output, scoped ref ushort table, scoped ref Frame frame,
        scoped ref ulong a, scoped ref ulong b, scoped ref ulong c, scoped ref ulong d)
    {
        Pair(ref output, ref table, ref a);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref b);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref c);
        output = ref Unsafe.AddByteOffset(ref output, frame.Distance);
        Pair(ref output, ref table, ref d);
        return ref Unsafe.AddByteOffset(ref output, frame.Back);
    }

    // The second entry is stored as it is, its symbol in the second byte; its length in the first byte gives way to the
    // first symbol. That saves a shift.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(ref byte output, ref ushort table, ref ulong bits)
    {
        uint first = Unsafe.Add(ref table, (nuint)(bits & (HuffmanTable.LookupSize - 1)));
        bits >>= (int)first;
        uint second = Unsafe.Add(ref table, (nuint)(bits & (HuffmanTable.LookupSize - 1)));
        bits >>= (int)second;
        LittleEndian.WriteUInt16(ref output, 0, (ushort)second);
        output = (byte)(first >> HuffmanTable.SymbolShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fill(ref byte input, nuint position) =>
        (LittleEndian.ReadUInt64(in input, position >> 3) | Mark) >> (int)(position & 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Refill(ref byte input, ref nuint position, ulong bits)
    {
        position = (position & ~(nuint)7) + (nuint)(uint)BitOperations.LeadingZeroCount(bits);
        return Fill(ref input, position);
    }

    // Not inlined, as it must not be known what happens to the frame: then it stays in memory, and the bits of all streams
    // find a register.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Enter(ref Frame frame, ReadOnlySpan<HuffmanStream> streams, nuint rounds)
    {
        frame.Rounds = rounds;
        frame.Distance = (nint)(streams[1].Output - streams[0].Output);
        frame.Back = 2 - ((streams.Length - 1) * frame.Distance);
        for (int i = 0; i < streams.Length; i++)
        {
            frame[i] = streams[i].Position;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave(ref Frame frame, Span<HuffmanStream> streams, nuint rounds, int symbolsPerRound)
    {
        nuint symbols = (rounds - frame.Rounds) * (nuint)symbolsPerRound;
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i].Position = frame[i];
            streams[i].Output += symbols;
        }
    }

    // What a round needs but once.
    private struct Frame
    {
        public nuint A;
        public nuint B;
        public nuint C;
        public nuint D;
        public nuint E;
        public nuint F;
        public nuint G;
        public nuint H;

        // From one stream's output to the next one's.
        public nint Distance;

        // From the last stream's output to two symbols further in the first one's.
        public nint Back;
        public nuint Rounds;

        [UnscopedRef]
        public ref nuint this[int stream] => ref MemoryMarshal.CreateSpan(ref A, HuffmanStreams.MaxCount)[stream];
    }
}
