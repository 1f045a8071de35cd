using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsDecoder
{
    /// <summary>
    /// Four windows at a time: their 32 states are looked up one by one and the entries transposed to a register for each field;
    /// PDEP deals a window's bits out to its lanes.
    /// </summary>
    public sealed class Avx2Kernel : Kernel
    {
        private const int Windows = 4;
        private const int Lanes = Windows * LaneAnsLanes.LanesPerWindow;

        // By a bit for each window that takes a word: indices of the double words that bring the next words there, 8 a row.
        private static readonly uint[] WordIndices = MakeWordIndices();

        /// <summary>Whether the machine has what it needs, and PDEP in hardware.</summary>
        public static bool IsAvailable => Avx2.IsSupported && ParallelBits.AreFast;

        public override bool IsSupported => Avx2.IsSupported && Bmi2.X64.IsSupported;

        public override bool IsFast => IsAvailable;

        public override string InstructionSet => "AVX2 BMI2";

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
            byte* word = words;
            while (steps > 0)
            {
                LaneAnsDecodeTable table = tables.At(cursor.Step, out int same);
                int taken = Math.Min(steps, same);
                word += Run(table, lanes, word, ref cursor, ref sink, taken);
                cursor.Step += taken;
                steps -= taken;
            }

            return (int)(word - words);
        }

        [MethodImpl(KernelMethod.Options)]
        private static int Run<TSink>(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, ref TSink sink, int steps)
            where TSink : struct, ISymbolSink
        {
            TSink target = sink;
            byte* word = words;
            Vector256<byte> marker = Vector256.Create(table.EscapeMarker);
            fixed (ulong* entries = table.Entries)
            fixed (uint* wordIndices = WordIndices)
            fixed (ulong* block = lanes.Block)
            {
                ulong* end = block + lanes.Windows;
                for (; steps > 0; steps--)
                {
                    for (ulong* window = block; window < end; window += LaneAnsLanes.WindowsPerGroup)
                    {
                        Vector256<byte> first = Escape(Step(window, (uint*)entries, wordIndices, ref word), marker, ref cursor);
                        Vector256<byte> second = Escape(Step(window + Windows, (uint*)entries, wordIndices, ref word), marker, ref cursor);
                        target.Put(Vector512.Create(first, second));
                    }
                }
            }

            sink = target;
            return (int)(word - words);
        }

        // Loads four words whether it needs them or not: with one for each window and step to come, they are there.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> Step(ulong* window, uint* entries, uint* wordIndices, ref byte* word)
        {
            var states = (byte*)(window + LaneAnsLanes.StatesAt);
            // Numbers of bits, symbols, bases, masks.
            LaneAnsFields256 fields = LaneAnsFields256.LookUp(entries, LaneAnsDecodeTable.EntryStride, states);
            Vector256<ulong> low = Vector256.Load(window + LaneAnsLanes.LowAt);
            Vector256<ulong> high = Vector256.Load(window + LaneAnsLanes.HighAt);
            Vector256<ulong> position = Vector256.Load(window + LaneAnsLanes.PositionsAt);
            Vector256<ulong> next = Avx2.ShiftRightLogicalVariable(low, position)
                | Avx2.ShiftLeftLogicalVariable(high, Vector256.Create(64UL) - position);
            // A base has zeros where the bits go.
            (fields.Third.AsUInt64() | Deposit(next, fields.Fourth.AsUInt64())).Store((ulong*)states);

            position += Avx2.SumAbsoluteDifferences(fields.First, Vector256<byte>.Zero).AsUInt64();
            Vector256<ulong> isOver = Vector256.GreaterThan(position.AsInt64(), Vector256.Create(63L)).AsUInt64();
            uint over = isOver.ExtractMostSignificantBits();
            Vector256<uint> indices = Vector256.Load(wordIndices + (over * (uint)Vector256<uint>.Count));
            Vector256<ulong> words = Avx2.PermuteVar8x32(Vector256.Load((uint*)word), indices).AsUInt64();
            word += BitOperations.PopCount(over) * sizeof(ulong);
            Avx2.BlendVariable(low, high, isOver).Store(window + LaneAnsLanes.LowAt);
            Avx2.BlendVariable(high, words, isOver).Store(window + LaneAnsLanes.HighAt);
            (position & Vector256.Create(63UL)).Store(window + LaneAnsLanes.PositionsAt);
            return fields.Second;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<ulong> Deposit(Vector256<ulong> bits, Vector256<ulong> masks) => Vector256.Create(
            Bmi2.X64.ParallelBitDeposit(bits.GetElement(0), masks.GetElement(0)),
            Bmi2.X64.ParallelBitDeposit(bits.GetElement(1), masks.GetElement(1)),
            Bmi2.X64.ParallelBitDeposit(bits.GetElement(2), masks.GetElement(2)),
            Bmi2.X64.ParallelBitDeposit(bits.GetElement(3), masks.GetElement(3)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> Escape(Vector256<byte> symbols, Vector256<byte> marker, ref Cursor cursor)
        {
            if (Vector256.Equals(symbols, marker).ExtractMostSignificantBits() != 0)
            {
                Vector256<byte> replaced = symbols;
                ReplaceEscapes((byte*)&replaced, marker, ref cursor);
                symbols = replaced;
            }

            return symbols;
        }

        // Not inlined, as its variables would push those of the loop out of their registers.
        [MethodImpl(KernelMethod.Options)]
        private static void ReplaceEscapes(byte* values, in Vector256<byte> marker, ref Cursor cursor)
        {
            // Each window reads as many bytes of literals as it has lanes, whether it needs them or not.
            if (cursor.LiteralCount - cursor.LiteralsUsed < Lanes)
            {
                LaneAnsDecoder.ReplaceEscapes(values, Lanes, marker.ToScalar(), ref cursor);
                return;
            }

            byte* literals = cursor.Literals + cursor.LiteralsUsed;
            byte* literal = literals;
            Vector256<byte> symbols = Vector256.Load(values);
            Vector256<byte> isEscape = Vector256.Equals(symbols, marker);
            Vector256<ulong> masks = isEscape.AsUInt64();
            ulong first = TakeLiterals(masks.GetElement(0), ref literal);
            ulong second = TakeLiterals(masks.GetElement(1), ref literal);
            ulong third = TakeLiterals(masks.GetElement(2), ref literal);
            ulong fourth = TakeLiterals(masks.GetElement(3), ref literal);
            Avx2.BlendVariable(symbols, Vector256.Create(first, second, third, fourth).AsByte(), isEscape).Store(values);
            cursor.LiteralsUsed += (int)(literal - literals);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong TakeLiterals(ulong isEscape, ref byte* literal)
        {
            ulong placed = Bmi2.X64.ParallelBitDeposit(*(ulong*)literal, isEscape);
            literal += BitOperations.PopCount(isEscape) / 8;
            return placed;
        }

        private struct PlaneSink(byte* plane) : ISymbolSink
        {
            private byte* _next = plane;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void Put(Vector512<byte> symbols)
            {
                symbols.GetLower().Store(_next);
                symbols.GetUpper().Store(_next + Lanes);
                _next += LaneAnsLanes.LanesPerGroup;
            }
        }

        private static uint[] MakeWordIndices()
        {
            uint[] rows = new uint[(1 << Windows) * Vector256<uint>.Count];
            for (int row = 0; row < 1 << Windows; row++)
            {
                uint word = 0;
                for (int window = 0; window < Windows; window++)
                {
                    int at = (row * Vector256<uint>.Count) + (2 * window);
                    rows[at] = 2 * word;
                    rows[at + 1] = (2 * word) + 1;
                    word += (uint)(row >> window) & 1;
                }
            }

            return rows;
        }
    }
}
