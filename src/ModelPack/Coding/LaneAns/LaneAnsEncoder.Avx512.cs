using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsEncoder
{
    /// <summary>A group's 64 states in one register, its windows in three more; each look-up is one to three byte permutes.</summary>
    public sealed class Avx512Kernel : Kernel
    {
        public static bool IsAvailable => Avx512BW.IsSupported && Popcnt.X64.IsSupported && Avx512Vbmi.IsSupported && Avx512Vbmi2.IsSupported;

        public override bool IsSupported => IsAvailable;

        public override void Run(LaneAnsSchedule<LaneAnsEncodeTable> tables, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
        {
            int end = cursor.Step - steps;
            if (lanes.Groups == 2)
            {
                RunTwoGroups(tables, lanes, ref cursor, end);
            }
            else
            {
                RunOneGroup(tables, lanes, ref cursor, end);
            }
        }

        [MethodImpl(KernelMethod.Options)]
        private static void RunOneGroup(LaneAnsSchedule<LaneAnsEncodeTable> schedule, LaneAnsLanes lanes, ref Cursor cursor, int end)
        {
            byte* value = cursor.Value;
            byte* literal = cursor.Literal;
            byte* word = cursor.Word;
            int step = cursor.Step;
            int shift = schedule.StepsShift;
            fixed (byte* vectors = &schedule.Vectors[schedule.VectorsAt])
            fixed (byte* ofChunks = schedule.OfChunks)
            fixed (ulong* block = lanes.Block)
            {
                LaneAnsGroup group = LaneAnsGroup.Load(block);
                while (step > end)
                {
                    int chunk = (step - 1) >> shift;
                    Tables tables = Tables.Load(vectors + (ofChunks[chunk] * LaneAnsEncodeTable.VectorBytes));
                    for (int last = Math.Max(end, chunk << shift); step > last; step--)
                    {
                        Step(ref group, tables, ref value, ref literal, ref word);
                    }
                }

                group.Store(block);
            }

            cursor.Value = value;
            cursor.Literal = literal;
            cursor.Word = word;
            cursor.Step = step;
        }

        [MethodImpl(KernelMethod.Options)]
        private static void RunTwoGroups(LaneAnsSchedule<LaneAnsEncodeTable> schedule, LaneAnsLanes lanes, ref Cursor cursor, int end)
        {
            byte* value = cursor.Value;
            byte* literal = cursor.Literal;
            byte* word = cursor.Word;
            int step = cursor.Step;
            int shift = schedule.StepsShift;
            fixed (byte* vectors = &schedule.Vectors[schedule.VectorsAt])
            fixed (byte* ofChunks = schedule.OfChunks)
            fixed (ulong* block = lanes.Block)
            {
                LaneAnsGroup first = LaneAnsGroup.Load(block);
                LaneAnsGroup second = LaneAnsGroup.Load(block + LaneAnsLanes.WindowsPerGroup);
                while (step > end)
                {
                    int chunk = (step - 1) >> shift;
                    Tables tables = Tables.Load(vectors + (ofChunks[chunk] * LaneAnsEncodeTable.VectorBytes));
                    for (int last = Math.Max(end, chunk << shift); step > last; step--)
                    {
                        Step(ref second, tables, ref value, ref literal, ref word);
                        Step(ref first, tables, ref value, ref literal, ref word);
                    }
                }

                first.Store(block);
                second.Store(block + LaneAnsLanes.WindowsPerGroup);
            }

            cursor.Value = value;
            cursor.Literal = literal;
            cursor.Word = word;
            cursor.Step = step;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Step(ref LaneAnsGroup group, in Tables tables, ref byte* value, ref byte* literal, ref byte* word)
        {
            value -= LaneAnsLanes.LanesPerGroup;
            var symbols = Vector512.Load(value);
            Vector512<byte> slots = tables.Slots.LookUp(symbols);
            StoreLiterals(symbols, Vector512.Equals(slots, tables.LiteralSlot), ref literal);

            Vector512<byte> states = group.States;
            Vector512<byte> most = Avx512Vbmi.PermuteVar64x8(tables.MostBits, slots);
            Vector512<byte> isBelow = Vector512.LessThan(states, Avx512Vbmi.PermuteVar64x8(tables.Thresholds, slots));
            Vector512<byte> bits = Vector512.ConditionalSelect(isBelow, most - Vector512<byte>.One, most);
            Vector512<byte> codes = states & Avx512BW.Shuffle(LowestBits, bits);

            // x >> bits, where x is the state with a bit on top; that bit is shifted in the table.
            Vector512<byte> shifted = Avx512Vbmi.MultiShift(BitOfByte + bits, states.AsUInt64()) & Avx512BW.Shuffle(BitsLeft, bits);
            Vector512<byte> number = (shifted | Avx512BW.Shuffle(tables.TopBits, bits)) + Avx512Vbmi.PermuteVar64x8(tables.Biases, slots);
            group.States = tables.Successors.LookUp(number);

            Push(ref group, Pack(codes, bits), Avx512BW.SumAbsoluteDifferences(bits, Vector512<byte>.Zero).AsUInt64(), ref word);
        }

        // The codes of each window one after the other, the first lane's lowest: by pairs of bytes, of words, of double words.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<ulong> Pack(Vector512<byte> codes, Vector512<byte> bits)
        {
            Vector512<ushort> lower = Vector512.Create((ushort)0xFF);
            Vector512<ushort> bits2 = bits.AsUInt16();
            Vector512<uint> codes2 = ((codes.AsUInt16() & lower) | Avx512BW.ShiftLeftLogicalVariable(codes.AsUInt16() >>> 8, bits2 & lower)).AsUInt32();
            Vector512<uint> bits4 = ((bits2 & lower) + (bits2 >>> 8)).AsUInt32();

            Vector512<uint> lower2 = Vector512.Create(0xFFFFU);
            Vector512<ulong> codes4 = ((codes2 & lower2) | Avx512F.ShiftLeftLogicalVariable(codes2 >>> 16, bits4 & lower2)).AsUInt64();
            Vector512<ulong> bits8 = ((bits4 & lower2) + (bits4 >>> 16)).AsUInt64();

            Vector512<ulong> lower4 = Vector512.Create(0xFFFF_FFFFUL);
            return (codes4 & lower4) | Avx512F.ShiftLeftLogicalVariable(codes4 >>> 32, bits8 & lower4);
        }

        // Puts each window's code below the bits it holds; where that does not fit, the upper word goes to the stream first.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Push(ref LaneAnsGroup group, Vector512<ulong> codes, Vector512<ulong> codeBits, ref byte* word)
        {
            Vector512<ulong> position = group.Positions - codeBits;
            Vector512<ulong> isFull = Vector512.LessThan(position.AsInt64(), Vector512<long>.Zero).AsUInt64();
            ulong full = Popcnt.X64.PopCount(isFull.ExtractMostSignificantBits());
            // To the top of the register, so that the store ends where the stream begins.
            Vector512<ulong> complete = Avx512F.Compress(Vector512<ulong>.Zero, isFull, group.High);
            Avx512F.PermuteVar8x64(complete, Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7) + Vector512.Create(full))
                .Store((ulong*)word - Vector512<ulong>.Count);
            word -= (nuint)full * sizeof(ulong);

            // Selects would make a vector of the mask first.
            Vector512<ulong> high = Avx512F.BlendVariable(group.High, group.Low, isFull);
            Vector512<ulong> low = Avx512F.BlendVariable(group.Low, Vector512<ulong>.Zero, isFull);
            position &= Vector512.Create(63UL);
            group.Positions = position;
            group.Low = low | Avx512F.ShiftLeftLogicalVariable(codes, position);
            group.High = high | Avx512F.ShiftRightLogicalVariable(codes, Vector512.Create(64UL) - position);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreLiterals(Vector512<byte> symbols, Vector512<byte> isLiteral, ref byte* literal)
        {
            ulong mask = isLiteral.ExtractMostSignificantBits();
            if (mask != 0)
            {
                nuint count = (nuint)Popcnt.X64.PopCount(mask);
                Vector512<byte> literals = Avx512Vbmi2.Compress(Vector512<byte>.Zero, isLiteral, symbols);
                Avx512Vbmi.PermuteVar64x8(literals, Vector512<byte>.Indices + Vector512.Create((byte)count)).Store(literal - Vector512<byte>.Count);
                literal -= count;
            }
        }

        // By number of bits, 0 to 8: that many ones.
        private static Vector512<byte> LowestBits
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Repeat(Vector128.Create(0x7F3F_1F0F_0703_0100UL, 0xFF).AsByte());
        }

        // By number of bits, 0 to 8: ones where a byte shifted right by it has bits of its own.
        private static Vector512<byte> BitsLeft
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Repeat(Vector128.Create(0x0103_070F_1F3F_7FFFUL, 0).AsByte());
        }

        // The first bit of each byte in its 64-bit word.
        private static Vector512<byte> BitOfByte
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(0x3830_2820_1810_0800UL).AsByte();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> Repeat(Vector128<byte> lane) => Vector512.Create(Vector256.Create(lane, lane), Vector256.Create(lane, lane));

        private struct Tables
        {
            public LaneAnsByteTable Slots;
            public LaneAnsByteTable Successors;
            public Vector512<byte> Thresholds;
            public Vector512<byte> MostBits;
            public Vector512<byte> Biases;
            public Vector512<byte> TopBits;
            public Vector512<byte> LiteralSlot;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static Tables Load(byte* vectors) => new()
            {
                Slots = LaneAnsByteTable.Load(vectors + LaneAnsEncodeTable.SlotsAt),
                Successors = LaneAnsByteTable.Load(vectors + LaneAnsEncodeTable.SuccessorsAt),
                Thresholds = Vector512.Load(vectors + LaneAnsEncodeTable.ThresholdsAt),
                MostBits = Vector512.Load(vectors + LaneAnsEncodeTable.MostBitsAt),
                Biases = Vector512.Load(vectors + LaneAnsEncodeTable.BiasesAt),
                TopBits = Repeat(Vector128.Load(vectors + LaneAnsEncodeTable.TopBitsAt)),
                LiteralSlot = Vector512.Create(vectors[LaneAnsEncodeTable.LiteralSlotAt]),
            };
        }
    }
}
