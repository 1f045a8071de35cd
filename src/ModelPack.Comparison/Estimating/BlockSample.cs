using System.Collections.Concurrent;
using System.Numerics;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Estimating;

/// <summary>Plans all blocks of a model as packing would, chooses some in each stratum, and codes only those.</summary>
internal sealed class BlockSample
{
    /// <summary>The stratum of blocks that several tensors or structure share.</summary>
    public const string Small = "(small tensors, structure)";

    // A frame's header and a reference of a few bytes (Container/FORMAT.md, "Repeats").
    private const int RepeatLength = FrameHeader.Length + 4;

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

    /// <summary>Expected bytes of all blocks.</summary>
    public double Packed => _strata.Values.Sum(static stratum => stratum.Packed) + (_repeats.Sum() * RepeatLength);

    /// <summary>Half of the 95 % interval of <see cref="Packed"/>; the strata are independent of each other.</summary>
    public double HalfInterval => Math.Sqrt(_strata.Values.Sum(static stratum => stratum.HalfInterval * stratum.HalfInterval));

    /// <summary>Whether every block was coded: then the sizes are those of packing.</summary>
    public bool IsWhole => _strata.Values.All(static stratum => stratum.SampleSize == stratum.Blocks);

    /// <summary>Expected bytes of a file in the container.</summary>
    public double PackedOf(int file) => _bytes[file].Sum(entry => entry.Key.Ratio * entry.Value) + (_repeats[file] * RepeatLength);

    /// <summary>Visits all blocks in order, each with the bytes that it is expected to take.</summary>
    public void ForEach(Action<int, BlockPlan, int> visit) => ForEachBlock((file, plan) =>
    {
        visit(file, plan, plan.Role.IsRepeat ? RepeatLength : (int)(StratumOf(plan).Ratio * plan.Length));
        return true;
    });

    /// <summary>Decides how many blocks to take.</summary>
    /// <param name="share">Part of the blocks.</param>
    public void Plan(double share)
    {
        foreach (Stratum stratum in _strata.Values)
        {
            stratum.Plan(share);
        }
    }

    /// <summary>Codes a sample.</summary>
    /// <param name="seed">Where to start.</param>
    /// <param name="threads">Threads to code with.</param>
    /// <param name="progress">Told of bytes as they are coded.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void Take(int seed, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        Dictionary<Stratum, Queue<int>> chosen = [];
        Dictionary<Stratum, int> next = [];
        foreach (Stratum stratum in _strata.Values)
        {
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
