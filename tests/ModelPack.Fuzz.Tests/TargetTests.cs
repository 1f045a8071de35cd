using System.Runtime.CompilerServices;
using ModelPack.Fuzz.Targets;
using Xunit;

namespace ModelPack.Fuzz.Tests;

/// <summary>A short run of every target, and the inputs that fuzzing kept: nothing but acceptance or refusal, the same on every machine.</summary>
public sealed class TargetTests
{
    public static TheoryData<string> Names => [.. FuzzTarget.All.Select(static target => target.Name)];

    public static TheoryData<string> NamesWithCorpus => [.. Directory.GetDirectories(CorpusFolder()).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Seeds_are_accepted(string name)
    {
        FuzzTarget target = FuzzTarget.Find(name);
        byte[][] seeds = [.. target.Seeds()];
        Assert.NotEmpty(seeds);
        Assert.All(seeds, seed => Assert.Null(target.Run(seed).Refusal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_seeds_are_accepted_or_refused(string name)
    {
        const int Inputs = 250;
        FuzzTarget target = FuzzTarget.Find(name);
        byte[][] seeds = [.. target.Seeds()];
        var mutator = new Mutator(20261124);
        int refused = 0;
        for (int i = 0; i < Inputs; i++)
        {
            byte[] input = mutator.Mutate(seeds[i % seeds.Length], seeds[(7 * i) % seeds.Length]);
            refused += target.Run(input).Refusal is null ? 0 : 1;
        }

        // Whatever is not packed as a model is packed as plain bytes.
        Assert.True(name == "roundtrip" || refused > Inputs / 20, $"{refused} of {Inputs} refused");
    }

    /// <summary>The verdicts were written by another run, with all instruction sets; each SIMD level runs this test.</summary>
    [Theory]
    [MemberData(nameof(NamesWithCorpus))]
    public void Kept_inputs_have_the_verdicts_they_had(string name)
    {
        FuzzTarget target = FuzzTarget.Find(name);
        string folder = Path.Combine(CorpusFolder(), name);
        IEnumerable<string> verdicts = Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Select(path => $"{target.Run(File.ReadAllBytes(path))} {Path.GetFileName(path)}");
        Assert.Equal(File.ReadAllLines(Path.Combine(CorpusFolder(), name + ".verdicts")), verdicts);
    }

    private static string CorpusFolder([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "tools", "ModelPack.Fuzz", "Corpus"));
}
