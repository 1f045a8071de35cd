using System.Runtime.InteropServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Drives one of several decoding kernels, all for the same bitstream. Whatever the streams hold, it reads and writes
/// within its buffers and takes as many steps as the plane has; what it cannot tell wrong while decoding shows in how much
/// it used and in the lanes it leaves.
/// </summary>
internal static unsafe partial class LaneAnsDecoder
{
    /// <summary>The kernels, the fastest first; the last runs everywhere.</summary>
    public static readonly Kernel[] Kernels = [new Avx512Kernel(), new Avx2Kernel(), new Vector128Kernel(), new ScalarKernel()];

    private static readonly Kernel Fastest = Kernels.First(kernel => kernel.IsSupported && kernel.IsFast);

    /// <summary>Whether this machine can hand symbols on without writing a plane.</summary>
    public static bool CanDecodeInto => Avx512Kernel.IsAvailable || Avx2Kernel.IsAvailable;

    /// <summary>What the fastest kernel of this machine is made of.</summary>
    public static string InstructionSet => Fastest.InstructionSet;

    /// <summary>Decodes a plane with the fastest kernel that this machine has.</summary>
    /// <param name="tables">Built from tables.</param>
    /// <param name="lanes">Ready for the first step; left as they are after the last.</param>
    /// <param name="literals">The literals.</param>
    /// <param name="words">The words behind those that fill the windows, 8 bytes each; zero words follow without end.</param>
    /// <param name="plane">The plane to fill.</param>
    /// <param name="wordBytesUsed">How many bytes of <paramref name="words"/> were used.</param>
    /// <returns>How many literals were needed; zeros stand for those that were not there.</returns>
    public static int Decode(
        LaneAnsSchedule<LaneAnsDecodeTable> tables,
        LaneAnsLanes lanes,
        ReadOnlySpan<byte> literals,
        ReadOnlySpan<byte> words,
        Span<byte> plane,
        out int wordBytesUsed) =>
        Decode(Fastest, tables, lanes, literals, words, plane, out wordBytesUsed);

    /// <summary>Decodes a plane with a given kernel.</summary>
    /// <inheritdoc cref="Decode(LaneAnsSchedule{LaneAnsDecodeTable}, LaneAnsLanes, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte}, out int)"/>
    public static int Decode(
        Kernel kernel,
        LaneAnsSchedule<LaneAnsDecodeTable> tables,
        LaneAnsLanes lanes,
        ReadOnlySpan<byte> literals,
        ReadOnlySpan<byte> words,
        Span<byte> plane,
        out int wordBytesUsed)
    {
        (int steps, int rest) = Math.DivRem(plane.Length, lanes.Lanes);
        byte* tail = stackalloc byte[LaneAnsWordSupply.TailLength];
        fixed (byte* planeStart = plane, literalsStart = literals, wordsStart = words)
        {
            var cursor = new Cursor { Value = planeStart, Literals = literalsStart, LiteralCount = literals.Length };
            var supply = new LaneAnsWordSupply(wordsStart, words.Length, lanes.Windows, tail);
            while (supply.Take(ref steps, out byte* word, out int batch))
            {
                supply.Use(kernel.Run(tables, lanes, word, ref cursor, batch, lanes.Lanes));
            }

            DecodeRest(tables, lanes, rest, ref cursor, ref supply);
            wordBytesUsed = supply.Used;
            return cursor.LiteralsUsed;
        }
    }

    /// <summary>Decodes a plane and hands its symbols to a sink, but for those of a last, partial step. Needs <see cref="CanDecodeInto"/>.</summary>
    /// <param name="tables">Built from tables.</param>
    /// <param name="lanes">Ready for the first step; left as they are after the last.</param>
    /// <param name="literals">The literals.</param>
    /// <param name="words">As for <see cref="Decode(LaneAnsSchedule{LaneAnsDecodeTable}, LaneAnsLanes, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte}, out int)"/>.</param>
    /// <param name="steps">Number of whole steps.</param>
    /// <param name="sink">Takes the symbols of whole steps.</param>
    /// <param name="rest">Receives the symbols of the partial step; shorter than a step.</param>
    /// <param name="wordBytesUsed">How many bytes of <paramref name="words"/> were used.</param>
    /// <returns>How many literals were needed; zeros stand for those that were not there.</returns>
    public static int DecodeInto<TSink>(
        LaneAnsSchedule<LaneAnsDecodeTable> tables,
        LaneAnsLanes lanes,
        ReadOnlySpan<byte> literals,
        ReadOnlySpan<byte> words,
        int steps,
        ref TSink sink,
        Span<byte> rest,
        out int wordBytesUsed)
        where TSink : struct, ISymbolSink
    {
        byte* tail = stackalloc byte[LaneAnsWordSupply.TailLength];
        fixed (byte* restStart = rest, literalsStart = literals, wordsStart = words)
        {
            var cursor = new Cursor { Value = restStart, Literals = literalsStart, LiteralCount = literals.Length };
            var supply = new LaneAnsWordSupply(wordsStart, words.Length, lanes.Windows, tail);
            while (supply.Take(ref steps, out byte* word, out int batch))
            {
                supply.Use(Avx512Kernel.IsAvailable
                    ? Avx512Kernel.Run(tables, lanes, word, ref cursor, ref sink, batch)
                    : Avx2Kernel.Run(tables, lanes, word, ref cursor, ref sink, batch));
            }

            DecodeRest(tables, lanes, rest.Length, ref cursor, ref supply);
            wordBytesUsed = supply.Used;
            return cursor.LiteralsUsed;
        }
    }

    private static void DecodeRest(
        LaneAnsSchedule<LaneAnsDecodeTable> tables, LaneAnsLanes lanes, int rest, ref Cursor cursor, ref LaneAnsWordSupply supply)
    {
        int steps = rest > 0 ? 1 : 0;
        while (supply.Take(ref steps, out byte* word, out int batch))
        {
            supply.Use(Kernels[^1].Run(tables, lanes, word, ref cursor, batch, rest));
        }
    }

    /// <summary>Where a kernel is in the plane and in the literals.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Cursor
    {
        public byte* Value;
        public byte* Literals;
        public int LiteralCount;
        public int LiteralsUsed;

        /// <summary>Number of steps taken.</summary>
        public int Step;
    }

    /// <summary>Takes steps; see <see cref="Run"/>.</summary>
    public abstract class Kernel
    {
        public abstract bool IsSupported { get; }

        /// <summary>False where a supported kernel is slower than the next.</summary>
        public virtual bool IsFast => true;

        public abstract string InstructionSet { get; }

        /// <summary>
        /// Decodes <paramref name="steps"/> steps of <paramref name="stepLanes"/> lanes each and returns the bytes of words
        /// used. Preconditions: at <paramref name="words"/> lies a word for each window in use and each step, and at
        /// <see cref="Cursor.Value"/> a byte for each lane and step. Only the last kernel takes fewer lanes than are in use.
        /// </summary>
        public abstract int Run(
            LaneAnsSchedule<LaneAnsDecodeTable> tables, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes);
    }

    /// <summary>A kernel that is called anew where the table changes.</summary>
    public abstract class TableKernel : Kernel
    {
        /// <inheritdoc/>
        public override int Run(
            LaneAnsSchedule<LaneAnsDecodeTable> tables, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes)
        {
            byte* word = words;
            while (steps > 0)
            {
                LaneAnsDecodeTable table = tables.At(cursor.Step, out int same);
                int taken = Math.Min(steps, same);
                word += Run(table, lanes, word, ref cursor, taken, stepLanes);
                cursor.Step += taken;
                steps -= taken;
            }

            return (int)(word - words);
        }

        /// <summary>The same with one table for all steps, which are not counted.</summary>
        protected abstract int Run(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes);
    }
}
