using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Peers;
using ModelPack.Comparison.Measuring;

namespace ModelPack.Benchmarks.Tests.Models;

public sealed class PlaneSampleTests
{
    [Fact]
    public void Every_sample_loads_and_its_coder_restores_it_in_no_more_bytes_than_it_has()
    {
        Assert.All(PlaneSample.Committed.Concat(PlaneSample.Default), sample =>
        {
            var coder = new PlaneCoderPeer(sample.Coder);
            var workload = new Workload(sample.Load(), leastLength: 0, [coder]);
            workload.Pack(coder);
            workload.Forget();
            workload.Unpack(coder);
            Assert.True(workload.IsRestored, sample.ToString());
            Assert.InRange(workload.PackedLength, 1, workload.Length);
        });
    }

    [Fact]
    public void Texts_tell_samples_apart() => Assert.All(PlaneSample.Default, sample => Assert.Same(sample, PlaneSample.Find(sample.ToString())));
}
