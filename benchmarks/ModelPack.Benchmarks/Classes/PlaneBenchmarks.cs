using BenchmarkDotNet.Attributes;
using ModelPack.Comparison.Measuring;
using ModelPack.Pipeline;
using ModelPack.Planes;

namespace ModelPack.Benchmarks.Classes;

/// <summary>Cutting elements into planes and joining them, block by block as the pipeline does, but with fresh memory for each block.</summary>
[InstructionSets]
public unsafe class PlaneBenchmarks
{
    private const int Seed = 1;

    private PlaneLayout _layout = null!;
    private byte[] _elements = [];
    private byte[] _planes = [];
    private byte[] _merged = [];
    private int _blockLength;
    private int _blockPlanesLength;

    /// <summary>Name of a <see cref="PlaneLayoutId"/>, which is not public.</summary>
    [ParamsSource(nameof(Layouts))]
    public string Layout { get; set; } = "";

    public static IEnumerable<string> Layouts => Enum.GetNames<PlaneLayoutId>();

    [GlobalSetup]
    public void Setup()
    {
        _layout = PlaneLayout.For(Enum.Parse<PlaneLayoutId>(Layout));
        _blockLength = BlockPlanner.TargetElements * _layout.ElementSize;
        _blockPlanesLength = _layout.BufferLength(BlockPlanner.TargetElements);
        int blocks = Workload.LeastLength / _blockLength;
        _elements = new byte[blocks * _blockLength];
        _merged = new byte[_elements.Length];
        _planes = new byte[blocks * _blockPlanesLength];
        // Kernels take the same time whatever the values.
        new Random(Seed).NextBytes(_elements);
        Split();
    }

    [Benchmark(Baseline = true, Description = "memcpy")]
    public void CopyMemory()
    {
        fixed (byte* source = _elements, target = _merged)
        {
            Buffer.MemoryCopy(source, target, _merged.Length, _elements.Length);
        }
    }

    [Benchmark(Description = "split")]
    public void Split()
    {
        for (int start = 0, planes = 0; start < _elements.Length; start += _blockLength, planes += _blockPlanesLength)
        {
            PlaneSplitter.Split(_layout, _elements.AsSpan(start, _blockLength), _planes.AsSpan(planes, _blockPlanesLength));
        }
    }

    [Benchmark(Description = "merge")]
    public void Merge()
    {
        for (int start = 0, planes = 0; start < _elements.Length; start += _blockLength, planes += _blockPlanesLength)
        {
            PlaneMerger.Merge(_layout, _planes.AsSpan(planes, _blockPlanesLength), _merged.AsSpan(start, _blockLength));
        }
    }
}
