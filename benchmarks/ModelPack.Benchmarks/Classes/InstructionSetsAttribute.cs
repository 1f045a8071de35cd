using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace ModelPack.Benchmarks.Classes;

/// <summary>
/// Runs each benchmark once for each instruction set that this machine has and ModelPack has kernels for, by turning off
/// those above it. The same switches as in tools/test-all-simd.sh.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class InstructionSetsAttribute : Attribute, IConfigSource
{
    public IConfig Config { get; } = ManualConfig.CreateEmpty().AddJob([.. Jobs()]);

    private static IEnumerable<Job> Jobs()
    {
        if (Vector512.IsHardwareAccelerated)
        {
            yield return MeasuringJob.Make("AVX-512");
        }

        if (Avx2.IsSupported)
        {
            yield return MeasuringJob.Make("AVX2").WithEnvironmentVariable("DOTNET_EnableAVX512", "0");
        }

        if (Vector128.IsHardwareAccelerated)
        {
            yield return MeasuringJob.Make("Vector128").WithEnvironmentVariables(
                new EnvironmentVariable("DOTNET_EnableAVX512", "0"), new EnvironmentVariable("DOTNET_EnableAVX2", "0"));
        }

        yield return MeasuringJob.Make("scalar").WithEnvironmentVariable("DOTNET_EnableHWIntrinsic", "0");
    }
}
