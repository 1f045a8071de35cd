using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsEncoder
{
    /// <summary>
    /// Four windows at a time: how their 32 symbols are coded is looked up one by one and transposed to a register for each
    /// field, their next states in registers; PEXT joins the lanes' codes.
    /// </summary>
    public sealed class Avx2Kernel : TableKernel
    {
        private const int Windows = 4;
        private const int Lanes = Windows * LaneAnsLanes.LanesPerWindow;

        // By a bit for each window that gives a word: indices of the double words that bring these words to the top, 8 a row.
        private static readonly uint[] WordIndices = MakeWordIndices();

        public override bool IsSupported => Avx2.IsSupported && Bmi2.X64.IsSupported;

        public override bool IsFast => ParallelBits.AreFast;

        [MethodImpl(KernelMethod.Options)]
        protected override void Run(LaneAnsEncodeTable table, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
        {
            byte* value = cursor.Value;
            byte* literal = cursor.Literal;
            byte* word = cursor.Word;
            byte* successors = stackalloc byte[SuccessorTable.Length];
            SuccessorTable.Fill(successors, table.Successors);
            Vector256<byte> topBits = Repeat(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(table.TopBits)));
            fixed (uint* entries = table.VectorEntries)
            fixed (uint* wordIndices = WordIndices)
            fixed (ulong* block = lanes.Block)
            {
                for (; steps > 0; steps--)
                {
                    ulong* window = block + (stepLanes / LaneAnsLanes.LanesPerWindow);
                    while (window > block)
                    {
                        window -= Windows;
                        value -= Lanes;
                        Vector256<byte> isLiteral = Step(window, value, entries, successors, topBits, wordIndices, ref word);
                        if (isLiteral.ExtractMostSignificantBits() != 0)
                        {
                            StoreLiterals((ulong*)value, isLiteral.AsUInt64(), ref literal);
                        }
                    }
                }
            }

            cursor.Value = value;
            cursor.Literal = literal;
            cursor.Word = word;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> Step(
            ulong* window, byte* values, uint* entries, byte* successors, Vector256<byte> topBits, uint* wordIndices, ref byte* word)
        {
            // Thresholds, fewest bits, biases, whether literal.
            LaneAnsFields256 fields = LaneAnsFields256.LookUp(entries, 1, values);
            Vector256<ulong> statesOfWindows = Vector256.Load(window + LaneAnsLanes.StatesAt);
            Vector256<byte> states = statesOfWindows.AsByte();
            Vector256<byte> bits = fields.Second - Vector256.GreaterThanOrEqual(states, fields.First);
            Vector256<byte> number = ShiftRight(states, bits) + Avx2.Shuffle(topBits, bits) + fields.Third;
            SuccessorTable.LookUp(successors, number).AsUInt64().Store(window + LaneAnsLanes.StatesAt);

            Vector256<byte> lowestBits = Repeat(Vector128.Create(0x7F3F_1F0F_0703_0100UL, 0xFF).AsByte());
            Vector256<ulong> codes = Extract(statesOfWindows, Avx2.Shuffle(lowestBits, bits).AsUInt64());
            Push(window, codes, Avx2.SumAbsoluteDifferences(bits, Vector256<byte>.Zero).AsUInt64(), wordIndices, ref word);
            return fields.Fourth;
        }

        // Each state shifted right by its number of bits, 0 to 8. No instruction does that; multiplying pairs of bytes does.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> ShiftRight(Vector256<byte> states, Vector256<byte> bits)
        {
            Vector256<ushort> evenLanes = Vector256.Create((ushort)0x00FF);
            // 2^(7 - bits), and 0 for 8 bits.
            Vector256<byte> powers = Repeat(Vector128.Create(0x0102_0408_1020_4080UL, 0).AsByte());
            Vector256<ushort> factor = Avx2.Shuffle(powers, bits).AsUInt16();
            Vector256<ushort> pair = states.AsUInt16();
            Vector256<ushort> even = ((pair & evenLanes) * (factor & evenLanes)) >>> 7;
            Vector256<ushort> odd = ((pair >>> 8) * (factor >>> 8)) << 1;
            return (even | Vector256.AndNot(odd, evenLanes)).AsByte();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<ulong> Extract(Vector256<ulong> states, Vector256<ulong> masks) => Vector256.Create(
            Bmi2.X64.ParallelBitExtract(states.GetElement(0), masks.GetElement(0)),
            Bmi2.X64.ParallelBitExtract(states.GetElement(1), masks.GetElement(1)),
            Bmi2.X64.ParallelBitExtract(states.GetElement(2), masks.GetElement(2)),
            Bmi2.X64.ParallelBitExtract(states.GetElement(3), masks.GetElement(3)));

        // Puts each window's code below the bits it holds; where that does not fit, the upper word goes to the stream first.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Push(ulong* window, Vector256<ulong> codes, Vector256<ulong> codeBits, uint* wordIndices, ref byte* word)
        {
            Vector256<ulong> low = Vector256.Load(window + LaneAnsLanes.LowAt);
            Vector256<ulong> high = Vector256.Load(window + LaneAnsLanes.HighAt);
            Vector256<ulong> position = Vector256.Load(window + LaneAnsLanes.PositionsAt) - codeBits;
            uint full = position.ExtractMostSignificantBits();
            Vector256<uint> indices = Vector256.Load(wordIndices + (full * (uint)Vector256<uint>.Count));
            Avx2.PermuteVar8x32(high.AsUInt32(), indices).Store((uint*)word - Vector256<uint>.Count);
            word -= BitOperations.PopCount(full) * sizeof(ulong);

            // Blends by the sign.
            high = Avx.BlendVariable(high.AsDouble(), low.AsDouble(), position.AsDouble()).AsUInt64();
            low = Avx.BlendVariable(low.AsDouble(), Vector256<double>.Zero, position.AsDouble()).AsUInt64();
            position &= Vector256.Create(63UL);
            position.Store(window + LaneAnsLanes.PositionsAt);
            (low | Avx2.ShiftLeftLogicalVariable(codes, position)).Store(window + LaneAnsLanes.LowAt);
            (high | Avx2.ShiftRightLogicalVariable(codes, Vector256.Create(64UL) - position)).Store(window + LaneAnsLanes.HighAt);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreLiterals(ulong* values, Vector256<ulong> isLiteral, ref byte* literal)
        {
            StoreLiterals(values[3], isLiteral.GetElement(3), ref literal);
            StoreLiterals(values[2], isLiteral.GetElement(2), ref literal);
            StoreLiterals(values[1], isLiteral.GetElement(1), ref literal);
            StoreLiterals(values[0], isLiteral.GetElement(0), ref literal);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreLiterals(ulong values, ulong isLiteral, ref byte* literal)
        {
            int bits = BitOperations.PopCount(isLiteral);
            // To the top of the word, so that the store ends where the literals begin.
            *((ulong*)literal - 1) = Bmi2.X64.ParallelBitExtract(values, isLiteral) << (64 - bits);
            literal -= bits / 8;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> Repeat(Vector128<byte> lane) => Vector256.Create(lane, lane);

        private static uint[] MakeWordIndices()
        {
            uint[] rows = new uint[(1 << Windows) * Vector256<uint>.Count];
            for (int row = 0; row < 1 << Windows; row++)
            {
                int at = (row + 1) * Vector256<uint>.Count;
                for (int window = Windows - 1; window >= 0; window--)
                {
                    if (((row >> window) & 1) != 0)
                    {
                        rows[--at] = (uint)((2 * window) + 1);
                        rows[--at] = (uint)(2 * window);
                    }
                }
            }

            return rows;
        }

        /// <summary>
        /// Looks up bytes in registers of 16, each twice. A shuffle gives zero for an index from 128 on, and its lowest four bits
        /// choose otherwise; so with 16 taken from the index from row to row, those up to the right one count, and the exclusive
        /// or of them all is right where each row holds its difference from the one before.
        /// </summary>
        private static class SuccessorTable
        {
            public const int Length = 2 * LaneAnsTable.MaxStates;

            private const int RowLength = 16;
            private const int RowsPerHalf = 8;

            public static void Fill(byte* rows, ReadOnlySpan<byte> table)
            {
                ref byte start = ref MemoryMarshal.GetReference(table);
                Vector128<byte> before = default;
                for (int row = 0; row < 2 * RowsPerHalf; row++)
                {
                    Vector128<byte> own = Vector128.LoadUnsafe(ref start, (nuint)(row * RowLength));
                    Repeat(row == RowsPerHalf ? own : own ^ before).Store(rows + (2 * RowLength * row));
                    before = own;
                }
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static Vector256<byte> LookUp(byte* rows, Vector256<byte> indices) =>
                LookUpHalf(rows, indices) ^ LookUpHalf(rows + (RowsPerHalf * 2 * RowLength), indices ^ Vector256.Create((byte)0x80));

            // Indices from 128 on stay there, as the subtraction saturates.
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static Vector256<byte> LookUpHalf(byte* rows, Vector256<byte> indices)
            {
                Vector256<sbyte> rowLength = Vector256.Create((sbyte)RowLength);
                Vector256<sbyte> index0 = indices.AsSByte();
                Vector256<sbyte> index1 = Avx2.SubtractSaturate(index0, rowLength);
                Vector256<sbyte> index2 = Avx2.SubtractSaturate(index1, rowLength);
                Vector256<sbyte> index3 = Avx2.SubtractSaturate(index2, rowLength);
                Vector256<sbyte> index4 = Avx2.SubtractSaturate(index3, rowLength);
                Vector256<sbyte> index5 = Avx2.SubtractSaturate(index4, rowLength);
                Vector256<sbyte> index6 = Avx2.SubtractSaturate(index5, rowLength);
                Vector256<sbyte> index7 = Avx2.SubtractSaturate(index6, rowLength);
                return Row(rows, 0, index0) ^ Row(rows, 1, index1) ^ Row(rows, 2, index2) ^ Row(rows, 3, index3)
                    ^ Row(rows, 4, index4) ^ Row(rows, 5, index5) ^ Row(rows, 6, index6) ^ Row(rows, 7, index7);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static Vector256<byte> Row(byte* rows, int row, Vector256<sbyte> indices) =>
                Avx2.Shuffle(Vector256.Load(rows + (2 * RowLength * row)), indices.AsByte());
        }
    }
}
