using System.Security.Cryptography;
using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class GenerateCommandTests
{
    private static readonly Manifest Committed = Manifest.Load(Path.Combine(Repository.TestModels, Manifest.FileName));

    private static readonly SmallModel[] Made = [.. GenerateCommand.Models()];

    public static TheoryData<string> Files => [.. Committed.Generated.Select(model => model.File)];

    [Fact]
    public void The_manifest_lists_what_is_generated() =>
        Assert.Equal(Committed.Generated.Select(model => (model.File, model.About)), Made.Select(model => (model.File, model.About)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Generating_again_gives_the_committed_bytes(string file)
    {
        GeneratedModel pinned = Assert.Single(Committed.Generated, model => model.File == file);
        SmallModel made = Assert.Single(Made, model => model.File == file);
        Assert.Equal(pinned.Bytes, made.Contents.Length);
        Assert.Equal(pinned.Sha256, Convert.ToHexStringLower(SHA256.HashData(made.Contents)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.TestModels, file)), made.Contents);
    }

    [Fact]
    public void All_together_stay_small() => Assert.InRange(Committed.Generated.Sum(model => model.Bytes), 1, 900_000);

    [Fact]
    public void Every_safetensors_dtype_is_there()
    {
        var file = new SafetensorsFile(File.ReadAllBytes(Path.Combine(Repository.TestModels, "all_dtypes.safetensors")));
        string[] upstream =
        [
            "BF16", "BOOL", "C64", "F16", "F32", "F4", "F64", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0",
            "I16", "I32", "I64", "I8", "U16", "U32", "U64", "U8",
        ];
        Assert.Equal(upstream, file.Names.Select(name => file[name].Dtype).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(file.Names, name => file[name].Shape.Length == 0);
        Assert.Contains(file.Names, name => file[name].Data.Length == 0);
    }
}
