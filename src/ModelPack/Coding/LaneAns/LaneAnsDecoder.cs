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
        int windows = (stepLanes + LaneAnsLanes.LanesPerWindow - 1) / LaneAnsLanes.LanesPerWindow;
        int lastWindow = stepLanes - ((windows - 1) * LaneAnsLanes.LanesPerWindow);
        byte* step = cursor.Value;
        byte* word = words;
        fixed (ulong* entries = table.Entries)
        fixed (byte* laneStates = lanes.States)
        fixed (ulong* low = lanes.Low)
        fixed (ulong* high = lanes.High)
        fixed (ulong* positions = lanes.Positions)
        {
            for (; steps > 0; steps--)
            {
                for (int window = 0; window < windows; window++)
                {
                    int count = window == windows - 1 ? lastWindow : LaneAnsLanes.LanesPerWindow;
                    byte* values = step + (LaneAnsLanes.LanesPerWindow * window);
                    byte* state = laneStates + (LaneAnsLanes.LanesPerWindow * window);
                    int position = (int)positions[window];
                    ulong lower = low[window];
                    ulong upper = high[window];
                    ulong bits = (lower >> position) | ((upper << 1) << (63 - position));
                    ulong sum = 0;
                    for (int lane = 0; lane < count; lane++)
                    {
                        ulong entry = entries[state[lane]];
                        sum += entry;
                        values[lane] = (byte)(entry >> LaneAnsDecodeTable.SymbolShift);
                        state[lane] = (byte)((uint)(entry >> LaneAnsDecodeTable.BaseShift)
                            + ((uint)bits & (uint)(entry >> LaneAnsDecodeTable.MaskShift)));
                        bits >>= (int)entry;
                    }

                    position += (int)sum & 127;
                    // All ones when the lower word is used up.
                    ulong over = (ulong)-(position >> 6);
                    low[window] = lower ^ ((lower ^ upper) & over);
                    high[window] = upper ^ ((upper ^ LaneAnsWord.Load(word)) & over);
                    positions[window] = (ulong)(position & 63);
                    word += over & sizeof(ulong);
                    if (sum >> LaneAnsDecodeTable.EscapeShift != 0)
                    {
                        ReplaceEscapes(values, count, table.EscapeMarker, ref cursor);
                    }
                }

                step += stepLanes;
            }
        }

        cursor.Value = step;
        return (int)(word - words);
    }

    private static void ReplaceEscapes(byte* values, int count, byte marker, ref Cursor cursor)
    {
        for (int i = 0; i < count; i++)
        {
            if (values[i] == marker)
            {
                int at = cursor.LiteralsUsed++;
                values[i] = at < cursor.LiteralCount ? cursor.Literals[at] : (byte)0;
            }
        }
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
