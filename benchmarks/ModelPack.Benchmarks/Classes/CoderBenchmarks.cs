using BenchmarkDotNet.Attributes;
using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Peers;
using ModelPack.Comparison.Measuring;

namespace ModelPack.Benchmarks.Classes;

/// <summary>Each plane coder on planes of the kind it is for.</summary>
[InstructionSets]
public class CoderBenchmarks
{
    private PlaneCoderPeer _coder = null!;
    private Workload _workload = null!;

    /// <summary>Text of a <see cref="PlaneSample"/>, which is not public.</summary>
    [ParamsSource(nameof(Planes))]
    public string Plane { get; set; } = "";

    public static IEnumerable<string> Planes => PlaneSample.Default.Select(sample => sample.ToString());

    [GlobalSetup]
    public void Setup()
    {
        PlaneSample sample = PlaneSample.Find(Plane);
        _coder = new PlaneCoderPeer(sample.Coder);
        _workload = new Workload(sample.Load(), Workload.LeastLength, [_coder]);
        Encode();
    }

    [Benchmark(Baseline = true, Description = "memcpy")]
    public void CopyMemory() => _workload.CopyMemory();

    [Benchmark(Description = "encode")]
    public void Encode() => _workload.Pack(_coder);

    [Benchmark(Description = "decode")]
    public void Decode() => _workload.Unpack(_coder);
}
