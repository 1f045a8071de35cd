using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsDecoder
{
    /// <summary>Lane after lane, on any machine.</summary>
    public sealed class ScalarKernel : TableKernel
    {
        public override bool IsSupported => true;

        public override string InstructionSet => "scalar";

        [MethodImpl(KernelMethod.Options)]
        protected override int Run(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes)
        {
            byte* value = cursor.Value;
            byte* word = words;
            fixed (ulong* entries = table.Entries)
            fixed (ulong* block = lanes.Block)
            {
                for (; steps > 0; steps--)
                {
                    ulong* window = block;
                    for (int left = stepLanes; left > 0; left -= LaneAnsLanes.LanesPerWindow, window++)
                    {
                        byte* states = (byte*)(window + LaneAnsLanes.StatesAt);
                        int position = (int)window[LaneAnsLanes.PositionsAt];
                        ulong lower = window[LaneAnsLanes.LowAt];
                        ulong upper = window[LaneAnsLanes.HighAt];
                        ulong bits = (lower >> position) | ((upper << 1) << (63 - position));
                        ulong sum = 0;
                        int count = Math.Min(left, LaneAnsLanes.LanesPerWindow);
                        if (count == LaneAnsLanes.LanesPerWindow)
                        {
                            DecodeLane(entries, value + 0, states + 0, ref bits, ref sum);
                            DecodeLane(entries, value + 1, states + 1, ref bits, ref sum);
                            DecodeLane(entries, value + 2, states + 2, ref bits, ref sum);
                            DecodeLane(entries, value + 3, states + 3, ref bits, ref sum);
                            DecodeLane(entries, value + 4, states + 4, ref bits, ref sum);
                            DecodeLane(entries, value + 5, states + 5, ref bits, ref sum);
                            DecodeLane(entries, value + 6, states + 6, ref bits, ref sum);
                            DecodeLane(entries, value + 7, states + 7, ref bits, ref sum);
                        }
                        else
                        {
                            for (int lane = 0; lane < count; lane++)
                            {
                                DecodeLane(entries, value + lane, states + lane, ref bits, ref sum);
                            }
                        }

                        if (sum >> LaneAnsDecodeTable.EscapeShift != 0)
                        {
                            ReplaceEscapes(value, count, table.EscapeMarker, ref cursor);
                        }

                        position += (int)sum & 127;
                        // All ones when the lower word is used up.
                        ulong over = (ulong)-(position >> 6);
                        window[LaneAnsLanes.LowAt] = lower ^ ((lower ^ upper) & over);
                        window[LaneAnsLanes.HighAt] = upper ^ ((upper ^ LaneAnsWord.Load(word)) & over);
                        window[LaneAnsLanes.PositionsAt] = (ulong)(position & 63);
                        word += over & sizeof(ulong);
                        value += count;
                    }
                }
            }

            cursor.Value = value;
            return (int)(word - words);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void DecodeLane(ulong* entries, byte* value, byte* state, ref ulong bits, ref ulong sum)
        {
            ulong entry = entries[*state];
            sum += entry;
            *value = (byte)(entry >> LaneAnsDecodeTable.SymbolShift);
            *state = (byte)((uint)(entry >> LaneAnsDecodeTable.BaseShift) + ((uint)bits & (uint)(entry >> LaneAnsDecodeTable.MaskShift)));
            bits >>= (int)entry;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void ReplaceEscapes(byte* values, int count, byte marker, ref Cursor cursor)
    {
        int used = cursor.LiteralsUsed;
        if (cursor.LiteralCount - used >= count)
        {
            // Without a branch on where the escapes are, which nothing predicts.
            byte* literal = cursor.Literals + used;
            for (int i = 0; i < count; i++)
            {
                int value = values[i];
                int isEscape = ((value ^ marker) - 1) >> 31;
                values[i] = (byte)(value ^ ((value ^ *literal) & isEscape));
                literal -= isEscape;
            }

            cursor.LiteralsUsed = (int)(literal - cursor.Literals);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            if (values[i] == marker)
            {
                values[i] = used < cursor.LiteralCount ? cursor.Literals[used] : (byte)0;
                used++;
            }
        }

        cursor.LiteralsUsed = used;
    }
}
