namespace ModelPack.Coding.ContextAns;

/// <summary>
/// Drives one of several decoding kernels, all for the same stream. Whatever the words are, it reads and writes within its
/// buffers; what it cannot tell wrong while decoding shows in how much it used and in the states it leaves.
/// </summary>
internal static unsafe partial class ContextAnsDecoder
{
    /// <summary>The kernels, the fastest first; the last runs everywhere.</summary>
    public static readonly Kernel[] Kernels = [new Avx512Kernel(), new Avx2Kernel(), new ScalarKernel()];

    /// <summary>States are from 2^16 to 2^32 - 1; encoders begin here.</summary>
    public const uint LeastState = 1 << 16;

    private const int MostWordsOfGroup = ContextAnsModel.Lanes * ContextAnsModel.MaxTile;

    // Words that a kernel may load behind those that it uses.
    private const int WordsAhead = 32;

    private static readonly Kernel Fastest = Kernels.First(static kernel => kernel.IsSupported);

    /// <inheritdoc cref="Decode(Kernel, ContextAnsDecodeTable, ContextAnsHeader, ReadOnlySpan{byte}, Span{uint}, ReadOnlySpan{byte}, Span{byte})"/>
    public static int Decode(
        ContextAnsDecodeTable table, ContextAnsHeader header, ReadOnlySpan<byte> scales, Span<uint> states, ReadOnlySpan<byte> words, Span<byte> plane) =>
        Decode(Fastest, table, header, scales, states, words, plane);

    /// <summary>Decodes all elements of a plane, with markers where literals stand.</summary>
    /// <param name="kernel">Decodes whole groups.</param>
    /// <param name="table">Built from the header.</param>
    /// <param name="header">The plane's shape and grid.</param>
    /// <param name="scales">Scale of each tile, for whole groups.</param>
    /// <param name="states">The lanes' states; left as they are after the last element.</param>
    /// <param name="words">The words, two bytes each; zero words follow without end.</param>
    /// <param name="plane">Receives the elements in natural order.</param>
    /// <returns>Words used.</returns>
    public static int Decode(
        Kernel kernel,
        ContextAnsDecodeTable table,
        ContextAnsHeader header,
        ReadOnlySpan<byte> scales,
        Span<uint> states,
        ReadOnlySpan<byte> words,
        Span<byte> plane)
    {
        int tile = header.Shape.Tile;
        int groupLength = ContextAnsModel.Lanes * tile;
        int groups = header.Shape.GroupCount(plane.Length);
        int firstElement = header.Shape.FirstElement;

        // Elements before the first whole group and behind the last are decoded one by one.
        int firstWhole = firstElement > 0 ? 1 : 0;
        int endOfWhole = Math.Max(firstWhole, (int)(((long)plane.Length + firstElement) / groupLength));
        ushort* tail = stackalloc ushort[(2 * MostWordsOfGroup) + WordsAhead];
        fixed (byte* planeStart = plane, scalesStart = scales, wordsStart = words)
        fixed (uint* stateStart = states)
        {
            var supply = new WordSupply(wordsStart, words.Length / sizeof(ushort), groupLength, tail);
            var job = new Job
            {
                Table = table,
                Grid = header.Grid,
                Tile = tile,
                Scales = scalesStart,
                States = stateStart,
                Plane = planeStart,
                PlaneLength = plane.Length,
                FirstElement = firstElement,
            };
            for (int group = 0; group < groups;)
            {
                bool isWhole = group >= firstWhole && group < endOfWhole;
                int most = isWhole ? endOfWhole - group : 1;
                byte* from = supply.Take(most, out int batch);
                supply.Use((isWhole ? kernel : Kernels[^1]).Run(job, group, batch, from));
                group += batch;
            }

            return supply.Used;
        }
    }

    /// <summary>What kernels work on.</summary>
    internal struct Job
    {
        public ContextAnsDecodeTable Table;
        public ContextAnsGrid Grid;
        public int Tile;
        public byte* Scales;
        public uint* States;
        public byte* Plane;
        public int PlaneLength;
        public int FirstElement;
    }

    /// <summary>Decodes groups; see <see cref="Run"/>.</summary>
    public abstract class Kernel
    {
        public abstract bool IsSupported { get; }

        /// <summary>
        /// Decodes <paramref name="groups"/> groups from <paramref name="firstGroup"/> on and returns the words used.
        /// Preconditions: at <paramref name="words"/> lies a word for each element and 32 more. Only the last kernel takes
        /// groups with elements that are not in the plane.
        /// </summary>
        public abstract int Run(in Job job, int firstGroup, int groups, byte* words);
    }

    /// <summary>Deals out words so that kernels load them without a check: at the end from a copy with zeros behind.</summary>
    private struct WordSupply(byte* words, int count, int mostPerGroup, ushort* tail)
    {
        /// <summary>Words used so far, stored or not.</summary>
        public int Used { get; private set; }

        /// <summary>Provides for groups.</summary>
        /// <param name="most">How many are to come.</param>
        /// <param name="batch">How many may be decoded, from 1.</param>
        public readonly byte* Take(int most, out int batch)
        {
            int left = Math.Max(0, count - Used);
            batch = Math.Min(most, (left - WordsAhead) / mostPerGroup);
            if (batch > 0)
            {
                return words + ((nint)Used * sizeof(ushort));
            }

            batch = 1;
            var copy = new Span<byte>(tail, ((2 * MostWordsOfGroup) + WordsAhead) * sizeof(ushort));
            int bytes = Math.Min(left, mostPerGroup) * sizeof(ushort);
            new ReadOnlySpan<byte>(words + ((nint)Math.Min(Used, count) * sizeof(ushort)), bytes).CopyTo(copy);
            copy[bytes..((mostPerGroup + WordsAhead) * sizeof(ushort))].Clear();
            return (byte*)tail;
        }

        public void Use(int used) => Used += used;
    }
}
