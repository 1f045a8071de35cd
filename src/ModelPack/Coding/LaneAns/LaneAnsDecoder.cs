using System.Runtime.InteropServices;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Drives one of several decoding kernels, all for the same bitstream. Whatever the streams hold, it reads and writes
/// within its buffers and takes as many steps as the plane has; what it cannot tell wrong while decoding shows in how much
/// it used and in the lanes it leaves.
/// </summary>
internal static unsafe partial class LaneAnsDecoder
{
    // Steps at a time where too few stored words are left for a step that takes a word for every window.
    private const int TailSteps = 16;
    private const int MaxWindows = LaneAnsLanes.MaxGroups * LaneAnsLanes.WindowsPerGroup;
    private const int TailLength = (1 + TailSteps) * MaxWindows * sizeof(ulong);

    /// <summary>The kernels, the fastest first; the last runs everywhere.</summary>
    public static readonly Kernel[] Kernels = [new Avx512Kernel(), new ScalarKernel()];

    private static readonly Kernel Fastest = Kernels.First(kernel => kernel.IsSupported);

    /// <summary>What the fastest kernel of this machine is made of.</summary>
    public static string InstructionSet => Fastest.InstructionSet;

    /// <summary>Decodes a plane with the fastest kernel that this machine has.</summary>
    /// <param name="table">Built from a table.</param>
    /// <param name="lanes">Ready for the first step; left as they are after the last.</param>
    /// <param name="literals">The literals.</param>
    /// <param name="words">The words behind those that fill the windows, 8 bytes each; zero words follow without end.</param>
    /// <param name="plane">The plane to fill.</param>
    /// <param name="wordBytesUsed">How many bytes of <paramref name="words"/> were used.</param>
    /// <returns>How many literals were needed; zeros stand for those that were not there.</returns>
    public static int Decode(
        LaneAnsDecodeTable table, LaneAnsLanes lanes, ReadOnlySpan<byte> literals, ReadOnlySpan<byte> words, Span<byte> plane, out int wordBytesUsed) =>
        Decode(Fastest, table, lanes, literals, words, plane, out wordBytesUsed);

    /// <summary>Decodes a plane with a given kernel.</summary>
    /// <inheritdoc cref="Decode(LaneAnsDecodeTable, LaneAnsLanes, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte}, out int)"/>
    public static int Decode(
        Kernel kernel,
        LaneAnsDecodeTable table,
        LaneAnsLanes lanes,
        ReadOnlySpan<byte> literals,
        ReadOnlySpan<byte> words,
        Span<byte> plane,
        out int wordBytesUsed)
    {
        (int steps, int rest) = Math.DivRem(plane.Length, lanes.Lanes);
        fixed (byte* planeStart = plane)
        fixed (byte* literalsStart = literals)
        {
            var cursor = new Cursor { Value = planeStart, Literals = literalsStart, LiteralCount = literals.Length };
            wordBytesUsed = Advance(kernel, table, lanes, words, ref cursor, steps, lanes.Lanes);
            if (rest > 0)
            {
                wordBytesUsed += Advance(Kernels[^1], table, lanes, words[wordBytesUsed..], ref cursor, 1, rest);
            }

            return cursor.LiteralsUsed;
        }
    }

    // Takes steps in batches that cannot use more words than are there: a step takes at most one for each window.
    // Returns the bytes of words used.
    private static int Advance(
        Kernel kernel, LaneAnsDecodeTable table, LaneAnsLanes lanes, ReadOnlySpan<byte> words, ref Cursor cursor, int steps, int stepLanes)
    {
        int most = lanes.Windows * sizeof(ulong);
        int used = 0;
        fixed (byte* start = words)
        {
            while (steps > 0 && words.Length - used >= most)
            {
                int batch = Math.Min(steps, (words.Length - used) / most);
                used += kernel.Run(table, lanes, start + used, ref cursor, batch, stepLanes);
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
            used += Math.Min(left.Length, kernel.Run(table, lanes, tail, ref cursor, batch, stepLanes));
            steps -= batch;
        }

        return used;
    }

    /// <summary>Where a kernel is in the plane and in the literals.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Cursor
    {
        public byte* Value;
        public byte* Literals;
        public int LiteralCount;
        public int LiteralsUsed;
    }

    /// <summary>Takes steps; see <see cref="Run"/>.</summary>
    public abstract class Kernel
    {
        public abstract bool IsSupported { get; }

        public abstract string InstructionSet { get; }

        /// <summary>
        /// Decodes <paramref name="steps"/> steps of <paramref name="stepLanes"/> lanes each and returns the bytes of words
        /// used. Preconditions: at <paramref name="words"/> lies a word for each window in use and each step, and at
        /// <see cref="Cursor.Value"/> a byte for each lane and step. Only the last kernel takes fewer lanes than are in use.
        /// </summary>
        public abstract int Run(LaneAnsDecodeTable table, LaneAnsLanes lanes, byte* words, ref Cursor cursor, int steps, int stepLanes);
    }
}
