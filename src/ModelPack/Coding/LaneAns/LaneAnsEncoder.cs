using System.Runtime.InteropServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>Drives one of several encoding kernels, all for the same bytes: they code a plane backwards into two streams that both grow downwards.</summary>
internal static unsafe partial class LaneAnsEncoder
{
    // Room below each stream, so that a store beside its end needs no branch; wide enough for a vector.
    private const int Slack = 64;

    /// <summary>The kernels, the fastest first; the last runs everywhere.</summary>
    public static readonly Kernel[] Kernels = [new Avx512Kernel(), new Avx2Kernel(), new Vector128Kernel(), new ScalarKernel()];

    private static readonly Kernel Fastest = Kernels.First(kernel => kernel.IsSupported && kernel.IsFast);

    /// <summary>The bytes that a plane needs for its streams, whatever the plane holds.</summary>
    public static int StreamsLength(int planeLength, int groups) => LiteralsEnd(planeLength) + Slack + WordsLength(planeLength, groups);

    /// <summary>Codes a plane with the fastest kernel that this machine has.</summary>
    /// <param name="plane">1 to <see cref="PlaneLimits.MaxPlaneLength"/> bytes.</param>
    /// <param name="tables">Built from tables; any will do, but only ones that know each byte of the plane code it.</param>
    /// <param name="lanes">Just reset; left with the states and positions for the header.</param>
    /// <param name="streams">At least <see cref="StreamsLength"/> bytes.</param>
    /// <param name="literals">Where in <paramref name="streams"/> the literals lie.</param>
    /// <param name="words">Where in <paramref name="streams"/> the words lie, without zero words at the end.</param>
    public static void Encode(
        ReadOnlySpan<byte> plane, LaneAnsSchedule<LaneAnsEncodeTable> tables, LaneAnsLanes lanes, Span<byte> streams, out Range literals, out Range words) =>
        Encode(Fastest, plane, tables, lanes, streams, out literals, out words);

    /// <summary>Codes a plane with a given kernel.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, LaneAnsSchedule{LaneAnsEncodeTable}, LaneAnsLanes, Span{byte}, out Range, out Range)"/>
    public static void Encode(
        Kernel kernel,
        ReadOnlySpan<byte> plane,
        LaneAnsSchedule<LaneAnsEncodeTable> tables,
        LaneAnsLanes lanes,
        Span<byte> streams,
        out Range literals,
        out Range words)
    {
        (int steps, int rest) = Math.DivRem(plane.Length, lanes.Lanes);
        int wordsEnd = StreamsLength(plane.Length, lanes.Groups);
        fixed (byte* planeStart = plane)
        fixed (byte* streamsStart = streams[..wordsEnd])
        {
            Cursor cursor = Begin(streamsStart, plane.Length, lanes.Groups);
            cursor.Value = planeStart + plane.Length;
            cursor.Step = steps;
            EncodeRest(tables, lanes, ref cursor, rest);
            kernel.Run(tables, lanes, ref cursor, steps, lanes.Lanes);
            literals = (int)(cursor.Literal - streamsStart)..LiteralsEnd(plane.Length);
            words = End(lanes, streams, (int)(cursor.Word - streamsStart), wordsEnd);
        }
    }

    private static Cursor Begin(byte* streams, int length, int groups) =>
        new() { Literal = streams + LiteralsEnd(length), Word = streams + StreamsLength(length, groups) };

    private static void EncodeRest(LaneAnsSchedule<LaneAnsEncodeTable> tables, LaneAnsLanes lanes, ref Cursor cursor, int rest)
    {
        if (rest > 0)
        {
            cursor.Step++;
            Kernels[^1].Run(tables, lanes, ref cursor, 1, rest);
        }
    }

    private static Range End(LaneAnsLanes lanes, Span<byte> streams, int wordsBegin, int wordsEnd)
    {
        int start = wordsBegin - lanes.WindowsLength;
        Span<byte> all = streams[start..wordsEnd];
        lanes.WriteWindows(all);
        int used = all.LastIndexOfAnyExcept((byte)0) + 1;
        return start..(start + ((used + sizeof(ulong) - 1) & -sizeof(ulong)));
    }

    private static int LiteralsEnd(int planeLength) => (Slack + planeLength + 7) & ~7;

    // A window takes at most 64 bits in a step, and two words more at the end.
    private static int WordsLength(int planeLength, int groups)
    {
        int lanes = groups * LaneAnsLanes.LanesPerGroup;
        int steps = (planeLength + lanes - 1) / lanes;
        return (steps + 2) * lanes;
    }

    /// <summary>Where a kernel is in the plane and in the streams.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Cursor
    {
        public byte* Value;
        public byte* Literal;
        public byte* Word;

        /// <summary>Number of steps that are left to code, those of later calls included.</summary>
        public int Step;
    }

    /// <summary>Takes steps; see <see cref="Run"/>.</summary>
    public abstract class Kernel
    {
        public abstract bool IsSupported { get; }

        /// <summary>False where a supported kernel is slower than the next.</summary>
        public virtual bool IsFast => true;

        /// <summary>
        /// Codes <paramref name="steps"/> steps of <paramref name="stepLanes"/> lanes each, the last first. Preconditions:
        /// before <see cref="Cursor.Value"/> lie all their bytes, and before the other two the slack and, for each step,
        /// one byte a lane and one word a window. Only the last kernel takes fewer lanes than are in use.
        /// </summary>
        public abstract void Run(LaneAnsSchedule<LaneAnsEncodeTable> tables, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes);
    }

    /// <summary>A kernel that is called anew where the table changes.</summary>
    public abstract class TableKernel : Kernel
    {
        /// <inheritdoc/>
        public override void Run(LaneAnsSchedule<LaneAnsEncodeTable> tables, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes)
        {
            while (steps > 0)
            {
                LaneAnsEncodeTable table = tables.Before(cursor.Step, out int same);
                int taken = Math.Min(steps, same);
                Run(table, lanes, ref cursor, taken, stepLanes);
                cursor.Step -= taken;
                steps -= taken;
            }
        }

        /// <summary>The same with one table for all steps, which are not counted.</summary>
        protected abstract void Run(LaneAnsEncodeTable table, LaneAnsLanes lanes, ref Cursor cursor, int steps, int stepLanes);
    }
}
