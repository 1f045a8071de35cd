using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// The decoding kernel. Whatever the streams hold, it reads and writes within its buffers and takes as many steps as
/// the plane has; what it cannot tell wrong while decoding shows in how much it used and in the lanes it leaves.
/// </summary>
internal static unsafe class LaneAnsDecoder
{
    // Steps at a time where too few stored words are left for a step that takes a word for every window.
    private const int TailSteps = 16;
    private const int MaxWindows = LaneAnsLanes.MaxGroups * LaneAnsLanes.WindowsPerGroup;
    private const int TailLength = (1 + TailSteps) * MaxWindows * sizeof(ulong);

    /// <summary>Decodes a plane.</summary>
    /// <param name="table">Built from a table.</param>
    /// <param name="lanes">Ready for the first step; left as they are after the last.</param>
    /// <param name="literals">The literals.</param>
    /// <param name="words">The words behind those that fill the windows; zero words follow without end.</param>
    /// <param name="plane">The plane to fill.</param>
    /// <param name="wordBytesUsed">How many bytes of <paramref name="words"/> were used.</param>
    /// <returns>How many literals were needed; zeros stand for those that were not there.</returns>
    public static int Decode(
        LaneAnsDecodeTable table, LaneAnsLanes lanes, ReadOnlySpan<byte> literals, ReadOnlySpan<byte> words, Span<byte> plane, out int wordBytesUsed)
    {
        (int steps, int rest) = Math.DivRem(plane.Length, lanes.Lanes);
        fixed (byte* planeStart = plane)
        fixed (byte* literalsStart = literals)
        {
            var cursor = new Cursor { Value = planeStart, Literals = literalsStart, LiteralCount = literals.Length };
            wordBytesUsed = Advance(table, lanes, words, ref cursor, steps, lanes.Lanes);
            if (rest > 0)
            {
                wordBytesUsed += Advance(table, lanes, words[wordBytesUsed..], ref cursor, 1, rest);
            }

            return cursor.LiteralsUsed;
        }
    }

    // Takes steps in batches that cannot use more words than are there: a step takes at most one for each window.
    // Returns the bytes of words used.
    private static int Advance(
        LaneAnsDecodeTable table, LaneAnsLanes lanes, ReadOnlySpan<byte> words, ref Cursor cursor, int steps, int stepLanes)
    {
        int most = lanes.Windows * sizeof(ulong);
        int used = 0;
        fixed (byte* start = words)
        {
            while (steps > 0 && words.Length - used >= most)
            {
                int batch = Math.Min(steps, (words.Length - used) / most);
                used += Run(table, lanes, start + used, ref cursor, batch, stepLanes);
                steps -= batch;
            }
        }

        byte* tail = stackalloc byte[TailLength];
        var tailWords = new Span<byte>(tail, TailLength);
        while (steps > 0)
        {
            ReadOnlySpan<byte> left = words[used..];
            left.CopyTo(tailWords);
            tailWords[left.Length..].Clear();
            int batch = Math.Min(steps, TailSteps);
            used += Math.Min(left.Length, Run(table, lanes, tail, ref cursor, batch, stepLanes));
            steps -= batch;
        }

        return used;
    }

    /// <summary>
    /// Decodes <paramref name="steps"/> steps of <paramref name="stepLanes"/> lanes each and returns the bytes of words
    /// used. Preconditions: at <paramref name="words"/> lies a word for each window and step, and at
    /// <see cref="Cursor.Value"/> a byte for each lane and step.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes)
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [StructLayout(LayoutKind.Auto)]
    private struct Cursor
    {
        public byte* Value;
        public byte* Literals;
        public int LiteralCount;
        public int LiteralsUsed;
    }
}
