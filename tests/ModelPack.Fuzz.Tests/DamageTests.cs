using ModelPack.Fuzz.Targets;
using Xunit;

namespace ModelPack.Fuzz.Tests;

/// <summary>Containers of every kind, harmed: nothing goes unnoticed, every refusal names the place, and none takes much memory.</summary>
public sealed class DamageTests
{
    private const long MostAllocatedBytes = 256 << 20;

    public static TheoryData<int> Containers => [.. Enumerable.Range(0, SeedModels.Containers().Count())];

    [Theory]
    [MemberData(nameof(Containers))]
    public void No_damage_goes_unnoticed(int number)
    {
        byte[][] containers = [.. SeedModels.Containers()];
        var trial = new DamageTrial(containers[number]);
        trial.Run(containers[(number + 1) % containers.Length], countOfEachKind: 12, seed: number);
        Assert.True(trial.Tried > 100, $"{trial.Tried} tried");
        Assert.Null(trial.FirstUnnoticed?.Kind);
        Assert.Null(trial.FirstWithoutOffset);
        Assert.InRange(trial.MostAllocatedBytes, 0, MostAllocatedBytes);
    }
}
