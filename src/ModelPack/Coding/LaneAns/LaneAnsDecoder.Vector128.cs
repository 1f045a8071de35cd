using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsDecoder
{
    /// <summary>
    /// Two windows at a time, on any CPU that shuffles bytes by a register of indices: states are looked up one by one, the
    /// lanes' bits cut out by multiplications.
    /// </summary>
    public sealed class Vector128Kernel : TableKernel
    {
        private const int Windows = 2;
        private const int Lanes = Windows * LaneAnsLanes.LanesPerWindow;

        public override bool IsSupported => LaneAnsFields128.IsSupported;

        public override string InstructionSet => "Vector128";

        [MethodImpl(KernelMethod.Options)]
        protected override int Run(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes)
        {
            byte* value = cursor.Value;
            byte* word = words;
            Vector128<byte> marker = Vector128.Create(table.EscapeMarker);
            fixed (ulong* entries = table.Entries)
            fixed (ulong* block = lanes.Block)
            {
                ulong* end = block + (stepLanes / LaneAnsLanes.LanesPerWindow);
                for (; steps > 0; steps--)
                {
                    for (ulong* window = block; window < end; window += Windows)
                    {
                        Vector128<byte> symbols = Step(window, (uint*)entries, ref word);
                        symbols.Store(value);
                        if (Vector128.EqualsAny(symbols, marker))
                        {
                            ReplaceEscapes(value, Lanes, table.EscapeMarker, ref cursor);
                        }

                        value += Lanes;
                    }
                }
            }

            cursor.Value = value;
            return (int)(word - words);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> Step(ulong* window, uint* entries, ref byte* word)
        {
            var states = (byte*)(window + LaneAnsLanes.StatesAt);
            // Numbers of bits, symbols, bases, masks.
            LaneAnsFields128 fields = LaneAnsFields128.LookUp(entries, LaneAnsDecodeTable.EntryStride, states);

            // Where in the window's bits each lane's begin: the sum of the bits of the lanes before it, at most 56.
            Vector128<ulong> starts = fields.First.AsUInt64() << 8;
            starts += starts << 8;
            starts += starts << 16;
            starts += starts << 32;
            Vector128<ulong> sums = (starts + fields.First.AsUInt64()) >>> 56;
            Vector128<byte> next = Vector128.Create(
                TakeBits(window, sums.GetElement(0), ref word), TakeBits(window + 1, sums.GetElement(1), ref word)).AsByte();
            // A base has zeros where the bits go.
            (fields.Third | (Cut(next, starts.AsByte()) & fields.Fourth)).Store(states);
            return fields.Second;
        }

        // The window's bits from its position on, which then grows by a step's.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong TakeBits(ulong* window, ulong count, ref byte* word)
        {
            ulong position = window[LaneAnsLanes.PositionsAt];
            ulong lower = window[LaneAnsLanes.LowAt];
            ulong upper = window[LaneAnsLanes.HighAt];
            ulong bits = (lower >> (int)position) | ((upper << 1) << (int)(position ^ 63));
            position += count;
            // All ones when the lower word is used up.
            ulong over = (ulong)-(long)(position >> 6);
            window[LaneAnsLanes.LowAt] = lower ^ ((lower ^ upper) & over);
            window[LaneAnsLanes.HighAt] = upper ^ ((upper ^ LaneAnsWord.Load(word)) & over);
            window[LaneAnsLanes.PositionsAt] = position & 63;
            word += over & sizeof(ulong);
            return bits;
        }

        // Eight bits of its window for each lane, from its start on; what lies beyond the window is undefined. A pair of
        // neighbouring bytes holds them; no CPU shifts each pair by its own count, but all multiply.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> Cut(Vector128<byte> windows, Vector128<byte> starts)
        {
            Vector128<ushort> evenLanes = Vector128.Create((ushort)0x00FF);
            Vector128<ushort> following = Vector128.Create((ushort)0x0100);
            Vector128<byte> secondWindow = Vector128.Create(0UL, 0x0808_0808_0808_0808UL).AsByte();
            Vector128<ushort> index = (((starts.AsUInt16() >>> 3) & Vector128.Create((ushort)0x0707)).AsByte() + secondWindow).AsUInt16();
            Vector128<ushort> evenIndex = index & evenLanes;
            Vector128<ushort> oddIndex = index >>> 8;
            Vector128<ushort> evenPair = Vector128.ShuffleNative(windows, ((evenIndex | (evenIndex << 8)) + following).AsByte()).AsUInt16();
            Vector128<ushort> oddPair = Vector128.ShuffleNative(windows, ((oddIndex | (oddIndex << 8)) + following).AsByte()).AsUInt16();

            // 2^(7 - start mod 8): brings the bits to bit 7 of the pair.
            Vector128<byte> powers = Vector128.Create(0x0102_0408_1020_4080UL, 0UL).AsByte();
            Vector128<ushort> factor = Vector128.ShuffleNative(powers, starts & Vector128.Create((byte)7)).AsUInt16();
            Vector128<ushort> even = (evenPair * (factor & evenLanes)) >>> 7;
            Vector128<ushort> odd = (oddPair * (factor >>> 8)) << 1;
            return Vector128.ConditionalSelect(evenLanes, even, odd).AsByte();
        }
    }
}
