using ModelPack.Fuzz.Damaging;
using Xunit;

namespace ModelPack.Fuzz.Tests;

/// <summary>Containers of every kind, harmed: nothing goes unnoticed, every refusal names the place, and none takes much memory.</summary>
public sealed class DamageTests
{
    private const long MostAllocatedBytes = 256 << 20;

    private static readonly Lazy<DamageSubject[]> Subjects = new(static () => [.. DamageSubjects.All()]);

    public static TheoryData<string> Names => [.. Subjects.Value.Select(static subject => subject.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_damage_goes_unnoticed(string name)
    {
        int number = Array.FindIndex(Subjects.Value, subject => subject.Name == name);
        DamageSubject subject = Subjects.Value[number];
        using var trial = new DamageTrial(subject);
        trial.Run(Subjects.Value[(number + 1) % Subjects.Value.Length], countOfEachKind: 3, seed: number);
        Assert.Null(trial.FirstUnnoticed?.Damaged.Kind);
        Assert.Null(trial.FirstWithoutPlace);
        Assert.InRange(trial.MostAllocatedBytes, 0, MostAllocatedBytes);
        if (subject.Length <= Damage.SmallLength)
        {
            Assert.InRange(trial.Kinds["flip"].Refused, 8 * subject.Length, long.MaxValue);
            Assert.InRange(trial.Kinds["cut"].Refused, subject.Length, long.MaxValue);
        }
    }

    [Theory]
    [InlineData(PlaneCoder.Stored)]
    [InlineData(PlaneCoder.Constant)]
    [InlineData(PlaneCoder.Huffman)]
    [InlineData(PlaneCoder.Lzw)]
    [InlineData(PlaneCoder.LaneAns)]
    [InlineData(PlaneCoder.ContextAns)]
    [InlineData(PlaneCoder.Lz)]
    public void Each_coder_has_a_small_container_and_a_larger_one(PlaneCoder coder)
    {
        foreach (string name in new[] { $"{coder}, small", $"{coder}" })
        {
            DamageSubject subject = Subjects.Value.Single(subject => subject.Name == name);
            using PackedModel model = PackedModel.Open(subject.Files[0]);
            Assert.Contains(model.Tensors, tensor => tensor.Planes.Any(plane => plane.Coder == coder));
            Assert.Equal(name.EndsWith("small", StringComparison.Ordinal), subject.Length <= Damage.SmallLength);
        }
    }

    [Fact]
    public void Each_kind_of_container_is_there()
    {
        Assert.InRange(Subjects.Value.Single(static subject => subject.IsInParts).Files.Count, 3, 9);
        foreach (string small in new[] { "", ", small" })
        {
            DamageSubject difference = Of("difference" + small), repeats = Of("repeats" + small), folder = Of("folder" + small);
            Assert.True(difference.NeedsBase);
            Assert.Contains(Frame.Walk(difference.Files[0]), static frame => frame is { Kind: Frame.Block, Form: 2 });
            Assert.Contains(Frame.Walk(repeats.Files[0]), static frame => frame is { Kind: Frame.Block, Form: 1 });
            Assert.True(Frame.Walk(folder.Files[0]).Count(static frame => frame.Kind == Frame.File) > 3);
            Assert.All([difference, repeats, folder], subject => Assert.Equal(small.Length > 0, subject.Length <= Damage.SmallLength));
        }

        static DamageSubject Of(string name) => Subjects.Value.Single(subject => subject.Name == name);
    }
}
