using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace ModelPack.Benchmarks.Classes;

/// <summary>How all classes are measured: one call handles 64 MiB or more, so few iterations tell much.</summary>
internal static class MeasuringJob
{
    private const int Warmups = 3;
    private const int Iterations = 7;

    public static Job Make(string id) => Job.Default.WithId(id).WithWarmupCount(Warmups).WithIterationCount(Iterations);
}

/// <summary>Runs each benchmark as the machine is.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NativeAttribute : Attribute, IConfigSource
{
    public IConfig Config { get; } = ManualConfig.CreateEmpty().AddJob(MeasuringJob.Make("native"));
}
