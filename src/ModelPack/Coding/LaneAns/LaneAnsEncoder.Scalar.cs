using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.LaneAns;

internal static unsafe partial class LaneAnsEncoder
{
    /// <summary>Lane after lane, on any machine.</summary>
    public sealed class ScalarKernel : TableKernel
    {
        public override bool IsSupported => true;

        [MethodImpl(KernelMethod.Options)]
        protected override void Run(LaneAnsEncodeTable table, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
        {
            uint states = (uint)table.States;
            byte* literal = cursor.Literal;
            byte* word = cursor.Word;
            byte* value = cursor.Value;
            fixed (LaneAnsEncodeEntry* entries = table.Entries)
            fixed (byte* successors = table.Successors)
            fixed (ulong* block = lanes.Block)
            {
                for (; steps > 0; steps--)
                {
                    int windows = (stepLanes + LaneAnsLanes.LanesPerWindow - 1) / LaneAnsLanes.LanesPerWindow;
                    ulong* window = block + windows;
                    int count = stepLanes - ((windows - 1) * LaneAnsLanes.LanesPerWindow);
                    while (window > block)
                    {
                        window--;
                        value -= count;
                        byte* state = (byte*)(window + LaneAnsLanes.StatesAt);
                        ulong code = 0;
                        int codeBits = 0;
                        for (int lane = count - 1; lane >= 0; lane--)
                        {
                            LaneAnsEncodeEntry* entry = entries + value[lane];
                            uint x = states | state[lane];
                            int bits = (int)((uint)((int)x + entry->BitsBias) >> 16);
                            code = (code << bits) | (x & ((1u << bits) - 1));
                            codeBits += bits;
                            state[lane] = successors[(int)(x >> bits) + entry->SuccessorBias];
                            literal[-1] = value[lane];
                            literal -= entry->IsLiteral;
                        }

                        int position = (int)window[LaneAnsLanes.PositionsAt] - codeBits;
                        ulong lower = window[LaneAnsLanes.LowAt];
                        ulong upper = window[LaneAnsLanes.HighAt];
                        LaneAnsWord.Store(word - sizeof(ulong), upper);
                        // All ones when the code does not fit below the window's bits: the upper word is then complete.
                        long full = position >> 31;
                        word -= full & sizeof(ulong);
                        upper ^= (upper ^ lower) & (ulong)full;
                        lower &= ~(ulong)full;
                        position &= 63;
                        window[LaneAnsLanes.LowAt] = lower | (code << position);
                        window[LaneAnsLanes.HighAt] = upper | ((code >> 1) >> (63 - position));
                        window[LaneAnsLanes.PositionsAt] = (ulong)position;
                        count = LaneAnsLanes.LanesPerWindow;
                    }
                }
            }

            cursor.Literal = literal;
            cursor.Word = word;
            cursor.Value = value;
        }
    }
}
