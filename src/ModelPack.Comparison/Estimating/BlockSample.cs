using System.Collections.Concurrent;
using System.Numerics;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Estimating;

/// <summary>Plans all blocks of a model as packing would, chooses some in each stratum, and codes only those.</summary>
internal sealed class BlockSample
{
    /// <summary>The stratum of blocks that several tensors or structure share.</summary>
    public const string Small = "(small tensors, structure)";

    // A frame's header and a reference of a few bytes (Container/FORMAT.md, "Repeats").
    private const int RepeatLength = FrameHeader.Length + 4;

    // Of a typical entry of the index beyond what is known of a tensor beforehand: its packed length and each plane's.
    private const int TallyLength = 12;
    private const int PlaneTallyLength = 5;

    // Two lengths of a block, length and owner of a segment.
    private const int BlockEntryLength = 6;
    private const int SegmentEntryLength = 6;

    private readonly IReadOnlyList<SurveyedFile> _files;
    private readonly ChooserPolicy _policy;
    private readonly Dictionary<(string Name, int Size), Stratum> _strata = [];

    /// <summary>For each file and stratum: original bytes.</summary>
    private readonly Dictionary<Stratum, long>[] _bytes;

    private readonly long[] _repeats;

    public BlockSample(IReadOnlyList<SurveyedFile> files, ChooserPolicy policy)
    {
        _files = files;
        _policy = policy;
        _bytes = [.. files.Select(static _ => new Dictionary<Stratum, long>())];
        _repeats = new long[files.Count];
        ForEachBlock((file, plan) =>
        {
            Blocks++;
            if (plan.Role.IsRepeat)
            {
                _repeats[file]++;
                RepeatedBytes += plan.Length;
                return true;
            }

            Stratum stratum = StratumOf(plan);
            stratum.Add(plan);
            _bytes[file][stratum] = _bytes[file].GetValueOrDefault(stratum) + plan.Length;
            return true;
        });
    }

    /// <summary>Blocks of all files.</summary>
    public int Blocks { get; private set; }

    /// <summary>Bytes of tensors that are equal to earlier ones.</summary>
    public long RepeatedBytes { get; private set; }

    public int SampledBlocks { get; private set; }

    public long SampledBytes { get; private set; }

    public IReadOnlyCollection<Stratum> Strata => _strata.Values;

    /// <summary>Expected bytes of the container.</summary>
    public double Packed => _strata.Values.Sum(static stratum => stratum.Packed) + (_repeats.Sum() * RepeatLength) + Overhead();

    /// <summary>Half of the 95 % interval of <see cref="Packed"/>; the strata are independent of each other.</summary>
    public double HalfInterval => Math.Sqrt(_strata.Values.Sum(static stratum => stratum.HalfInterval * stratum.HalfInterval));

    /// <summary>Expected bytes of a file in the container.</summary>
    public double PackedOf(int file) => _bytes[file].Sum(entry => entry.Key.Ratio * entry.Value) + (_repeats[file] * RepeatLength);

    /// <summary>Codes a sample.</summary>
    /// <param name="share">Part of the blocks to take.</param>
    /// <param name="seed">Where to start.</param>
    /// <param name="threads">Threads to code with.</param>
    /// <param name="progress">Told of bytes as they are coded.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void Take(double share, int seed, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        Dictionary<Stratum, Queue<int>> chosen = [];
        Dictionary<Stratum, int> next = [];
        foreach (Stratum stratum in _strata.Values)
        {
            stratum.Plan(share);
            chosen.Add(stratum, new Queue<int>(stratum.Choose(random).Distinct()));
            next.Add(stratum, 0);
        }

        List<(int File, BlockPlan Plan, Stratum Stratum)> blocks = [];
        ForEachBlock((file, plan) =>
        {
            if (plan.Role.IsRepeat)
            {
                return true;
            }

            Stratum stratum = StratumOf(plan);
            Queue<int> wanted = chosen[stratum];
            if (!wanted.TryPeek(out int number) || number != next[stratum]++)
            {
                return true;
            }

            wanted.Dequeue();
            blocks.Add((file, plan, stratum));
            return false;
        });
        Code(blocks, threads, progress, cancellationToken);
    }

    private void Code(List<(int File, BlockPlan Plan, Stratum Stratum)> blocks, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        int[] packed = new int[blocks.Count];
        var coders = new ConcurrentBag<BlockCoder>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        int first = 0;
        while (first < blocks.Count)
        {
            int file = blocks[first].File;
            int end = first;
            while (end < blocks.Count && blocks[end].File == file)
            {
                end++;
            }

            using ByteSource source = _files[file].Open();
            Parallel.For(first, end, options, index =>
            {
                BlockCoder coder = coders.TryTake(out BlockCoder? free) ? free : new BlockCoder(_policy);
                packed[index] = coder.Encode(source, blocks[index].Plan);
                coders.Add(coder);
                progress(blocks[index].Plan.Length);
            });
            first = end;
        }

        foreach ((int index, (int _, BlockPlan plan, Stratum stratum)) in blocks.Index())
        {
            stratum.AddSample(plan.Length, packed[index]);
            SampledBytes += plan.Length;
        }

        SampledBlocks = blocks.Count;
    }

    private Stratum StratumOf(BlockPlan plan)
    {
        string name = plan.Slices.Length > 1 || plan.Classes[0].Dtype == Dtype.None ? Small : plan.Classes[0].Dtype.DisplayName();

        // Blocks of like length are of tensors of like length, which have their place in a network, and their ratio, in common.
        var key = (name, BitOperations.Log2((uint)plan.Length));
        if (!_strata.TryGetValue(key, out Stratum? stratum))
        {
            _strata.Add(key, stratum = new Stratum(name));
        }

        return stratum;
    }

    /// <summary>Plans all blocks; <paramref name="visit"/> tells whether the plan may be used for the next.</summary>
    private void ForEachBlock(Func<int, BlockPlan, bool> visit)
    {
        var plan = new BlockPlan();
        for (int file = 0; file < _files.Count; file++)
        {
            var planner = new BlockPlanner(_files[file].Map, _policy.TriesContexts, _files[file].Repeats);
            while (planner.Next(plan))
            {
                plan = visit(file, plan) ? plan : new BlockPlan();
            }
        }
    }

    /// <summary>What the container costs beside its blocks: most of it is the index.</summary>
    private long Overhead()
    {
        long length = ContainerHeader.Length + ContainerTrailer.Length + FrameHeader.Length + ((long)Blocks * BlockEntryLength);
        foreach (SurveyedFile file in _files)
        {
            length += (2 * FrameHeader.Length) + (2 * file.File.Path.Length) + 32 + ((long)file.Map.Segments.Length * SegmentEntryLength);
            foreach ((TensorInfo tensor, TensorEntry entry) in file.Map.Tensors.Zip(new TensorTally(file.Map.Tensors).Entries))
            {
                length += entry.CalculateSize() + TallyLength + (PlaneLayout.For(tensor.Dtype, tensor.Encoding).PlaneCount * PlaneTallyLength);
            }
        }

        return length;
    }

    /// <summary>Reads and codes blocks. For one thread.</summary>
    private sealed class BlockCoder(ChooserPolicy policy)
    {
        private readonly BlockEncoder _encoder = new(policy);
        private readonly BlockDirectory _directory = new();
        private byte[] _original = [];
        private byte[] _frame = [];

        public int Encode(ByteSource source, BlockPlan plan)
        {
            Buffers.Reserve(ref _original, plan.Length);
            Span<byte> original = _original.AsSpan(0, plan.Length);
            source.ReadExactly(plan.Offset, original);
            return _encoder.Encode(original, plan, _directory, ref _frame).Length;
        }
    }
}
