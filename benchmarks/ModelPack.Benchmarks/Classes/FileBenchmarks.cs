using BenchmarkDotNet.Attributes;
using ModelPack.Benchmarks.Models;
using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Classes;

/// <summary>Whole model files, from memory to memory, on one thread.</summary>
public class FileBenchmarks : PeerBenchmarks
{
    private ModelPackPeer _fast = null!;
    private ModelPackPeer _default = null!;
    private ModelPackPeer _max = null!;

    /// <summary>Path in testmodels.</summary>
    [ParamsSource(nameof(Models))]
    public string Model { get; set; } = "";

    public static IEnumerable<string> Models => ModelFiles.Default;

    [GlobalSetup]
    public void Setup()
    {
        _fast = new ModelPackPeer(PackLevel.Fast, Model);
        _default = new ModelPackPeer(PackLevel.Default, Model);
        _max = new ModelPackPeer(PackLevel.Max, Model);
        Use([File.ReadAllBytes(ModelFiles.PathOf(Model))], _fast, _default, _max);
    }

    [Benchmark(Description = "ModelPack fast")]
    public void ModelPackFast() => Run(_fast);

    [Benchmark(Description = "ModelPack default")]
    public void ModelPackDefault() => Run(_default);

    [Benchmark(Description = "ModelPack max")]
    public void ModelPackMax() => Run(_max);
}
