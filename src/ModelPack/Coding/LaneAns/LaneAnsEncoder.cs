using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>The encoding kernel: codes a plane backwards into two streams that both grow downwards.</summary>
internal static unsafe class LaneAnsEncoder
{
    // Room below each stream, so that a store beside its end needs no branch; wide enough for a vector.
    private const int Slack = 64;

    /// <summary>The bytes that <see cref="Encode"/> needs for its streams, whatever the plane holds.</summary>
    public static int StreamsLength(int planeLength, int groups) => LiteralsEnd(planeLength) + Slack + WordsLength(planeLength, groups);

    /// <summary>Codes a plane.</summary>
    /// <param name="plane">1 to <see cref="PlaneLimits.MaxPlaneLength"/> bytes.</param>
    /// <param name="table">Built from a table; any will do, but only one that knows each byte of the plane codes it.</param>
    /// <param name="lanes">Just reset; left with the states and positions for the header.</param>
    /// <param name="streams">At least <see cref="StreamsLength"/> bytes.</param>
    /// <param name="literals">Where in <paramref name="streams"/> the literals lie.</param>
    /// <param name="words">Where in <paramref name="streams"/> the words lie, without zero words at the end.</param>
    public static void Encode(
        ReadOnlySpan<byte> plane, LaneAnsEncodeTable table, LaneAnsLanes lanes, Span<byte> streams, out Range literals, out Range words)
    {
        int literalsEnd = LiteralsEnd(plane.Length);
        int wordsEnd = StreamsLength(plane.Length, lanes.Groups);
        (int steps, int rest) = Math.DivRem(plane.Length, lanes.Lanes);
        int wordsStart;
        fixed (byte* planeStart = plane)
        fixed (byte* streamsStart = streams[..wordsEnd])
        {
            var cursor = new Cursor { Value = planeStart + plane.Length, Literal = streamsStart + literalsEnd, Word = streamsStart + wordsEnd };
            if (rest > 0)
            {
                Run(table, lanes, ref cursor, 1, rest);
            }

            Run(table, lanes, ref cursor, steps, lanes.Lanes);
            literals = (int)(cursor.Literal - streamsStart)..literalsEnd;
            wordsStart = (int)(cursor.Word - streamsStart) - lanes.WindowsLength;
        }

        Span<byte> all = streams[wordsStart..wordsEnd];
        lanes.WriteWindows(all);
        int used = all.LastIndexOfAnyExcept((byte)0) + 1;
        words = wordsStart..(wordsStart + ((used + sizeof(ulong) - 1) & -sizeof(ulong)));
    }

    private static int LiteralsEnd(int planeLength) => (Slack + planeLength + 7) & ~7;

    // A window takes at most 64 bits in a step, and two words more at the end.
    private static int WordsLength(int planeLength, int groups)
    {
        int lanes = groups * LaneAnsLanes.LanesPerGroup;
        int steps = (planeLength + lanes - 1) / lanes;
        return (steps + 2) * lanes;
    }

    /// <summary>
    /// Codes <paramref name="steps"/> steps of <paramref name="stepLanes"/> lanes each, the last first. Preconditions:
    /// before <see cref="Cursor.Value"/> lie all their bytes, and before the other two the slack and, for each step,
    /// one byte a lane and one word a window.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(LaneAnsEncodeTable table, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
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

    [StructLayout(LayoutKind.Auto)]
    private struct Cursor
    {
        public byte* Value;
        public byte* Literal;
        public byte* Word;
    }
}
