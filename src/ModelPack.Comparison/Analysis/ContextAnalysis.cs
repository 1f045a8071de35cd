using System.Collections.Concurrent;
using ModelPack.Coding;
using ModelPack.Coding.ContextAns;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Analysis;

/// <summary>
/// Counts the symbols of each tensor in the contexts that Context ANS chooses for it, block by block as the level max packs: what its
/// coded bytes would be without tables, states and rounding.
/// </summary>
internal sealed class ContextAnalysis
{
    private readonly Total[][] _tensors;

    private ContextAnalysis(IReadOnlyList<SurveyedFile> files) => _tensors = [.. files.Select(static file => new Total[file.Map.Tensors.Length])];

    /// <summary>Bits of all symbols of plane 0 of a tensor given their contexts, and how many symbols; null where none has a context.</summary>
    public (double Bits, long Symbols)? Of(int file, int tensor) =>
        file < _tensors.Length && _tensors[file][tensor] is { Symbols: > 0, IsOpen: false } total ? (total.Bits, total.Symbols) : null;

    /// <summary>Counts until all is counted or <paramref name="cancellationToken"/> says to stop: then tensors that are complete are kept.</summary>
    /// <param name="files">The files, with repeats found.</param>
    /// <param name="threads">How many blocks at a time.</param>
    /// <param name="progress">Told of bytes as they are counted, by several threads at once.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static ContextAnalysis Run(IReadOnlyList<SurveyedFile> files, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        var analysis = new ContextAnalysis(files);
        var counters = new ConcurrentBag<Counter>();
        for (int file = 0; file < files.Count && !cancellationToken.IsCancellationRequested; file++)
        {
            using ByteSource source = files[file].Open();
            Total[] totals = analysis._tensors[file];
            BlockPlan[] blocks = [.. Plan(files[file], totals)];
            Lock[] locks = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new Lock())];
            Parallel.ForEach(Partitioner.Create(blocks, loadBalance: true), new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                Counter counter = counters.TryTake(out Counter? free) ? free : new Counter();
                (double bits, int symbols) = counter.Count(source, block);
                counters.Add(counter);
                int tensor = block.Slices[0].TensorIndex;
                lock (locks[tensor % locks.Length])
                {
                    totals[tensor].Bits += bits;
                    totals[tensor].Symbols += symbols;
                    totals[tensor].Left--;
                }

                progress(block.Length);
            });
        }

        return analysis;
    }

    /// <summary>The blocks whose first plane Context ANS would code knowing where in the tensor it lies.</summary>
    private static IEnumerable<BlockPlan> Plan(SurveyedFile file, Total[] totals)
    {
        var planner = new BlockPlanner(file.Map, ContextTrial.Always, file.Repeats);
        var plan = new BlockPlan();
        while (planner.Next(plan))
        {
            if (plan.Slices.Length == 1 && !plan.Role.IsRepeat && plan.Slices[0].TensorIndex >= 0 && GeometryOf(plan).IsKnown)
            {
                totals[plan.Slices[0].TensorIndex].Left++;
                yield return plan;
                plan = new BlockPlan();
            }
        }
    }

    private static PlaneGeometry GeometryOf(BlockPlan plan) => plan.Geometry.OfPlane(plan.Classes[0].Dtype, 0, plan.FirstElement);

    private struct Total
    {
        public double Bits;
        public long Symbols;

        /// <summary>Blocks that are not counted yet.</summary>
        public int Left;

        public readonly bool IsOpen => Left > 0;
    }

    /// <summary>Counts blocks. For one thread.</summary>
    private sealed class Counter
    {
        private readonly ContextAnsPlan _plan = new();
        private readonly ContextAnsHeader _header = new();
        private readonly PlaneHistogram _histogram = new();
        private readonly long[] _counts = new long[ContextAnsModel.MaxContexts * ContextAnsTables.Symbols];
        private byte[] _original = [];
        private byte[] _planes = [];

        public (double Bits, int Symbols) Count(ByteSource source, BlockPlan block)
        {
            Buffers.Reserve(ref _original, block.Length);
            Span<byte> original = _original.AsSpan(0, block.Length);
            source.ReadExactly(block.Offset, original);
            var layout = PlaneLayout.For(block.Classes[0].Dtype, block.Classes[0].Encoding);
            int elements = block.Length / layout.ElementSize;
            Buffers.Reserve(ref _planes, layout.BufferLength(elements));
            PlaneSplitter.Split(layout, original, _planes);
            ReadOnlySpan<byte> plane = _planes.AsSpan(layout.PlaneOffset(0, elements), layout.PlaneLength(0, elements));
            _histogram.Count(plane);
            _plan.Make(plane, _histogram, GeometryOf(block), _header);
            Array.Clear(_counts);
            foreach (ushort index in _plan.Indices)
            {
                if (index != ContextAnsEncoder.Absent)
                {
                    _counts[index]++;
                }
            }

            // A literal costs its byte beside the marker that stands for it.
            double bits = Entropy.ConditionalBits(_counts, ContextAnsTables.Symbols) + (8.0 * _plan.Literals.Length);
            return (bits, plane.Length);
        }
    }
}
