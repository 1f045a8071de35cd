using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsDecoder
{
    /// <summary>
    /// A group's 64 states in one register, its eight windows in three more, and the tables in registers too: 12 of them
    /// for 256 states, 6 for 128.
    /// </summary>
    public sealed class Avx512Kernel : Kernel
    {
        // Words this far on are brought in: what 16 to 32 steps of two groups use at common rates.
        private const int WordsAhead = 1024;

        // The last literals, fewer than a step's lanes, and zeros: a step may start at the end of the first step's worth.
        private const int PaddedLength = 2 * LaneAnsLanes.MaxGroups * LaneAnsLanes.LanesPerGroup;

        public static bool IsAvailable => Avx512BW.IsSupported && Avx512DQ.IsSupported && Popcnt.X64.IsSupported && Avx512Vbmi.IsSupported && Avx512Vbmi2.IsSupported;

        public override bool IsSupported => IsAvailable;

        public override string InstructionSet => "AVX-512 VBMI2";

        public override int Run(
            LaneAnsSchedule<LaneAnsDecodeTable> tables, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes)
        {
            var plane = new PlaneSink(cursor.Value);
            int used = Run(tables, lanes, words, ref cursor, ref plane, steps);
            cursor.Value += steps * stepLanes;
            return used;
        }

        /// <summary>Decodes whole steps into a sink; <see cref="Cursor.Value"/> stays where it is. Preconditions as for a kernel.</summary>
        public static int Run<TSink>(
            LaneAnsSchedule<LaneAnsDecodeTable> tables, LaneAnsLanes lanes, byte* words, ref Cursor cursor, ref TSink sink, int steps)
            where TSink : struct, ISymbolSink
        {
            byte* padded = stackalloc byte[PaddedLength];
            byte* word = words;
            int end = cursor.Step + steps;
            int stateBits = tables[0].StateBits;
            while (cursor.Step < end)
            {
                int left = Math.Max(cursor.LiteralCount - cursor.LiteralsUsed, 0);
                byte* literals = cursor.Literals + cursor.LiteralsUsed;
                byte* lastStart = literals + left - lanes.Lanes;
                if (left < lanes.Lanes)
                {
                    new Span<byte>(padded, PaddedLength).Clear();
                    new ReadOnlySpan<byte>(literals, left).CopyTo(new Span<byte>(padded, PaddedLength));
                    literals = padded;
                    lastStart = padded + lanes.Lanes;
                }

                byte* literal = literals;
                cursor.Step = (stateBits, lanes.Groups) switch
                {
                    (LaneAnsTable.MinStateBits, 1) => Run<States128, OneGroup, TSink>(tables, lanes, ref word, ref literal, lastStart, ref sink, cursor.Step, end),
                    (LaneAnsTable.MinStateBits, _) => Run<States128, TwoGroups, TSink>(tables, lanes, ref word, ref literal, lastStart, ref sink, cursor.Step, end),
                    (_, 1) => Run<States256, OneGroup, TSink>(tables, lanes, ref word, ref literal, lastStart, ref sink, cursor.Step, end),
                    _ => Run<States256, TwoGroups, TSink>(tables, lanes, ref word, ref literal, lastStart, ref sink, cursor.Step, end),
                };
                cursor.LiteralsUsed += (int)(literal - literals);
            }

            return (int)(word - words);
        }

        // Takes steps while the literals are at lastStart or before, and returns the step that it stopped at. Each reads as many
        // bytes of literals as it has lanes, whether it needs them or not.
        [MethodImpl(KernelMethod.Options)]
        private static int Run<TStates, TGroups, TSink>(
            LaneAnsSchedule<LaneAnsDecodeTable> tables,
            LaneAnsLanes lanes,
            ref byte* nextWord,
            ref byte* nextLiteral,
            byte* lastStart,
            ref TSink sink,
            int step,
            int end)
            where TStates : IStates
            where TGroups : IGroups
            where TSink : struct, ISymbolSink
        {
            TSink target = sink;
            byte* word = nextWord;
            byte* literal = nextLiteral;
            int shift = tables.StepsShift;
            fixed (byte* vectors = &tables.Vectors[tables.VectorsAt])
            fixed (byte* ofChunks = tables.OfChunks)
            fixed (ulong* block = lanes.Block)
            {
                LaneAnsGroup first = LaneAnsGroup.Load(block);
                LaneAnsGroup second = TGroups.AreTwo ? LaneAnsGroup.Load(block + LaneAnsLanes.WindowsPerGroup) : default;
                while (step < end && literal <= lastStart)
                {
                    int chunk = step >> shift;
                    byte* table = vectors + (ofChunks[chunk] * LaneAnsDecodeTable.VectorBytes);
                    LaneAnsByteTable bits = LaneAnsByteTable.Load(table + LaneAnsDecodeTable.BitsAt);
                    LaneAnsByteTable bases = LaneAnsByteTable.Load(table + LaneAnsDecodeTable.BasesAt);
                    LaneAnsByteTable symbols = LaneAnsByteTable.Load(table + LaneAnsDecodeTable.SymbolsAt);
                    Vector512<byte> marker = Vector512.Create(table[LaneAnsDecodeTable.MarkerAt]);
                    for (int last = Math.Min(end, (chunk + 1) << shift); step < last && literal <= lastStart; step++)
                    {
                        Sse.Prefetch0(word + WordsAhead);
                        target.Put(Escape(TStates.LookUp(symbols, first.States), marker, ref literal));
                        Step<TStates>(ref first, bits, bases, ref word);
                        if (TGroups.AreTwo)
                        {
                            target.Put(Escape(TStates.LookUp(symbols, second.States), marker, ref literal));
                            Step<TStates>(ref second, bits, bases, ref word);
                        }
                    }
                }

                first.Store(block);
                if (TGroups.AreTwo)
                {
                    second.Store(block + LaneAnsLanes.WindowsPerGroup);
                }
            }

            sink = target;
            nextWord = word;
            nextLiteral = literal;
            return step;
        }

        // Loads eight words whether it needs them or not: with one for each window and step to come, they are there.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Step<TStates>(ref LaneAnsGroup group, in LaneAnsByteTable bitsOf, in LaneAnsByteTable baseOf, ref byte* word)
            where TStates : IStates
        {
            Vector512<byte> masks = Vector512.Create(0x7F3F_1F0F_0703_0100UL, 0xFF, 0x7F3F_1F0F_0703_0100UL, 0xFF, 0x7F3F_1F0F_0703_0100UL, 0xFF, 0x7F3F_1F0F_0703_0100UL, 0xFF).AsByte();
            Vector512<ulong> wordBits = Vector512.Create(64UL);
            Vector512<byte> bits = TStates.LookUp(bitsOf, group.States);

            // Each byte is the sum of the bits of the lanes up to it, at most 64: no carry. One place further up it is where
            // in the window's bits a lane's begin.
            Vector512<ulong> sums = Avx512DQ.MultiplyLow(bits.AsUInt64(), Vector512.Create(0x0101_0101_0101_0101UL));
            Vector512<ulong> window = Avx512F.ShiftRightLogicalVariable(group.Low, group.Positions)
                | Avx512F.ShiftLeftLogicalVariable(group.High, wordBits - group.Positions);
            Vector512<byte> fields = Avx512Vbmi.MultiShift((sums << 8).AsByte(), window);
            // A base has zeros where the bits go.
            group.States = TStates.LookUp(baseOf, group.States) | (fields & Avx512BW.Shuffle(masks, bits));

            Vector512<ulong> position = group.Positions + (sums >> 56);
            Vector512<ulong> isOver = Vector512.GreaterThanOrEqual(position, wordBits);
            // A select would make a vector of the mask first.
            group.Low = Avx512F.BlendVariable(group.Low, group.High, isOver);
            group.High = Avx512F.Expand(group.High, isOver, Vector512.Load((ulong*)word));
            group.Positions = position & (wordBits - Vector512<ulong>.One);
            word += (nuint)Popcnt.X64.PopCount(isOver.ExtractMostSignificantBits()) * sizeof(ulong);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> Escape(Vector512<byte> symbols, Vector512<byte> marker, ref byte* literal)
        {
            Vector512<byte> isEscape = Vector512.Equals(symbols, marker);
            ulong escapes = isEscape.ExtractMostSignificantBits();
            symbols = Avx512Vbmi2.Expand(symbols, isEscape, Vector512.Load(literal));
            literal += (nuint)Popcnt.X64.PopCount(escapes);
            return symbols;
        }

        private struct PlaneSink(byte* plane) : ISymbolSink
        {
            private byte* _next = plane;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void Put(Vector512<byte> symbols)
            {
                symbols.Store(_next);
                _next += LaneAnsLanes.LanesPerGroup;
            }
        }

        private interface IStates
        {
            static abstract Vector512<byte> LookUp(in LaneAnsByteTable table, Vector512<byte> states);
        }

        private readonly struct States128 : IStates
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static Vector512<byte> LookUp(in LaneAnsByteTable table, Vector512<byte> states) => table.LookUp128(states);
        }

        private readonly struct States256 : IStates
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static Vector512<byte> LookUp(in LaneAnsByteTable table, Vector512<byte> states) => table.LookUp(states);
        }

        private interface IGroups
        {
            static abstract bool AreTwo { get; }
        }

        private readonly struct OneGroup : IGroups
        {
            public static bool AreTwo => false;
        }

        private readonly struct TwoGroups : IGroups
        {
            public static bool AreTwo => true;
        }
    }
}
