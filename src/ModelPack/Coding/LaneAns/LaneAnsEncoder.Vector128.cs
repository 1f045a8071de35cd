using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsEncoder
{
    /// <summary>
    /// Two windows at a time, on any CPU that shuffles bytes by a register of indices: how symbols are coded and the next states
    /// are looked up one by one; shifts by a number of bits for each lane are multiplications.
    /// </summary>
    public sealed class Vector128Kernel : TableKernel
    {
        private const int Windows = 2;
        private const int Lanes = Windows * LaneAnsLanes.LanesPerWindow;

        public override bool IsSupported => LaneAnsFields128.IsSupported;

        [MethodImpl(KernelMethod.Options)]
        protected override void Run(LaneAnsEncodeTable table, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
        {
            byte* value = cursor.Value;
            byte* literal = cursor.Literal;
            byte* word = cursor.Word;
            byte* scratch = stackalloc byte[Lanes];
            Vector128<byte> topBits = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(table.TopBits));
            fixed (uint* entries = table.VectorEntries)
            fixed (byte* successors = table.Successors)
            fixed (ulong* block = lanes.Block)
            {
                for (; steps > 0; steps--)
                {
                    ulong* window = block + (stepLanes / LaneAnsLanes.LanesPerWindow);
                    while (window > block)
                    {
                        window -= Windows;
                        value -= Lanes;
                        Vector128<byte> isLiteral = Step(window, value, entries, successors, topBits, scratch, ref word);
                        if (isLiteral != Vector128<byte>.Zero)
                        {
                            isLiteral.Store(scratch);
                            StoreLiterals(value, scratch, ref literal);
                        }
                    }
                }
            }

            cursor.Value = value;
            cursor.Literal = literal;
            cursor.Word = word;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> Step(
            ulong* window, byte* values, uint* entries, byte* successors, Vector128<byte> topBits, byte* scratch, ref byte* word)
        {
            // Thresholds, fewest bits, biases, whether literal.
            LaneAnsFields128 fields = LaneAnsFields128.LookUp(entries, 1, values);
            var next = (byte*)(window + LaneAnsLanes.StatesAt);
            Vector128<byte> states = Vector128.Load(next);
            Vector128<byte> bits = fields.Second - Vector128.GreaterThanOrEqual(states, fields.First);
            Vector128<byte> number = ShiftRight(states, bits) + Vector128.ShuffleNative(topBits, bits) + fields.Third;
            number.Store(scratch);
            LookUpFour(successors, scratch, next);
            LookUpFour(successors, scratch + 4, next + 4);
            LookUpFour(successors, scratch + 8, next + 8);
            LookUpFour(successors, scratch + 12, next + 12);

            // The codes of neighbouring lanes joined, the first lane's below.
            Vector128<ushort> evenLanes = Vector128.Create((ushort)0x00FF);
            Vector128<byte> lowestBits = Vector128.Create(0x7F3F_1F0F_0703_0100UL, 0xFF).AsByte();
            Vector128<ushort> codes = (states & Vector128.ShuffleNative(lowestBits, bits)).AsUInt16();
            Vector128<ushort> evenBits = bits.AsUInt16() & evenLanes;
            Vector128<ulong> pairs = ((codes & evenLanes) + ((codes >>> 8) * PowerOfTwo(evenBits))).AsUInt64();
            Vector128<ulong> pairBits = (evenBits + (bits.AsUInt16() >>> 8)).AsUInt64();
            Push(window + 1, pairs.GetElement(1), pairBits.GetElement(1), ref word);
            Push(window, pairs.GetElement(0), pairBits.GetElement(0), ref word);
            return fields.Fourth;
        }

        // Each state shifted right by its number of bits, 0 to 8. No CPU shifts each byte by its own count on both sides of a
        // pair at once, but all multiply.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> ShiftRight(Vector128<byte> states, Vector128<byte> bits)
        {
            Vector128<ushort> evenLanes = Vector128.Create((ushort)0x00FF);
            // 2^(7 - bits), and 0 for 8 bits.
            Vector128<byte> powers = Vector128.Create(0x0102_0408_1020_4080UL, 0).AsByte();
            Vector128<ushort> factor = Vector128.ShuffleNative(powers, bits).AsUInt16();
            Vector128<ushort> pair = states.AsUInt16();
            Vector128<ushort> even = ((pair & evenLanes) * (factor & evenLanes)) >>> 7;
            Vector128<ushort> odd = ((pair >>> 8) * (factor >>> 8)) << 1;
            return Vector128.ConditionalSelect(evenLanes, even, odd).AsByte();
        }

        // For exponents 0 to 8.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<ushort> PowerOfTwo(Vector128<ushort> exponents)
        {
            Vector128<byte> powers = Vector128.Create(0x8040_2010_0804_0201UL, 0).AsByte();
            // The upper byte's exponent is less by eight: below zero, it is above every index, and shuffles to zero on every CPU.
            Vector128<byte> ofBytes = (exponents | (exponents << 8)).AsByte() - Vector128.Create((ushort)0x0800).AsByte();
            return Vector128.ShuffleNative(powers, ofBytes).AsUInt16();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LookUpFour(byte* successors, byte* numbers, byte* states)
        {
            states[0] = successors[numbers[0]];
            states[1] = successors[numbers[1]];
            states[2] = successors[numbers[2]];
            states[3] = successors[numbers[3]];
        }

        // Puts a window's code, in four parts of 16 bits, below the bits it holds; where that does not fit, the upper word goes to
        // the stream first.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Push(ulong* window, ulong pairs, ulong pairBits, ref byte* word)
        {
            // Sums of the bits of a part and those before it; a shift takes six bits of its count, and each sum has no more but
            // the last.
            ulong sums = pairBits * 0x0001_0001_0001_0001UL;
            ulong code = (ushort)pairs
                | ((ulong)(ushort)(pairs >> 16) << (int)sums)
                | ((ulong)(ushort)(pairs >> 32) << (int)(sums >> 16))
                | ((pairs >> 48) << (int)(sums >> 32));

            long position = (long)window[LaneAnsLanes.PositionsAt] - (long)(sums >> 48);
            ulong lower = window[LaneAnsLanes.LowAt];
            ulong upper = window[LaneAnsLanes.HighAt];
            LaneAnsWord.Store(word - sizeof(ulong), upper);
            // All ones when the code does not fit below the window's bits: the upper word is then complete.
            ulong full = (ulong)(position >> 63);
            word -= full & sizeof(ulong);
            upper ^= (upper ^ lower) & full;
            lower &= ~full;
            position &= 63;
            window[LaneAnsLanes.LowAt] = lower | (code << (int)position);
            window[LaneAnsLanes.HighAt] = upper | ((code >> 1) >> (int)(position ^ 63));
            window[LaneAnsLanes.PositionsAt] = (ulong)position;
        }

        private static void StoreLiterals(byte* values, byte* isLiteral, ref byte* literal)
        {
            for (int lane = Lanes - 1; lane >= 0; lane--)
            {
                literal[-1] = values[lane];
                literal -= isLiteral[lane] & 1;
            }
        }
    }
}
