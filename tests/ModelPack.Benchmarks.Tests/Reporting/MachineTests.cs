using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Tests.Reporting;

public sealed class MachineTests
{
    [Theory]
    [InlineData("AMD EPYC", "amd-epyc")]
    [InlineData("AMD Ryzen 9 9950X 16-Core Processor", "amd-ryzen-9-9950x-16-core-processor")]
    [InlineData("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "intel-r-core-tm-i7-8700k-cpu-3-70ghz")]
    [InlineData("  ../Apple M3 Max ", "apple-m3-max")]
    public void Slugs_are_lower_case_words_with_hyphens(string name, string slug) => Assert.Equal(slug, Machine.Slug(name));

    [Fact]
    public void Versions_tell_machine_packages_and_commit()
    {
        string versions = Machine.Versions();
        Assert.Equal(Machine.Processor, Machine.Find(versions, "processor"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", Machine.Find(versions, "ZstdSharp"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", Machine.Find(versions, "Snappier"));
        Assert.Matches(@"^(unknown|[0-9a-f]{40}(, with changes)?)$", Machine.Find(versions, "commit"));
    }

    [Fact]
    public void A_version_that_is_not_there_is_refused() => Assert.Throws<FormatException>(() => Machine.Find("processor: x\n", "runtime"));
}
