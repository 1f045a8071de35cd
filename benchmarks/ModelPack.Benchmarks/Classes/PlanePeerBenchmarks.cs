using BenchmarkDotNet.Attributes;
using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Peers;

namespace ModelPack.Benchmarks.Classes;

/// <summary>Blocks of single planes: the coder that is for such planes beside general compressors.</summary>
public class PlanePeerBenchmarks : PeerBenchmarks
{
    private PlaneCoderPeer _coder = null!;

    /// <summary>Text of a <see cref="PlaneSample"/>, which is not public.</summary>
    [ParamsSource(nameof(Planes))]
    public string Plane { get; set; } = "";

    public static IEnumerable<string> Planes => PlaneSample.Default.Select(sample => sample.ToString());

    [GlobalSetup]
    public void Setup()
    {
        PlaneSample sample = PlaneSample.Find(Plane);
        _coder = new PlaneCoderPeer(sample.Coder);
        Use(sample.Load(), _coder);
    }

    [Benchmark(Description = "plane coder")]
    public void Coder() => Run(_coder);
}
