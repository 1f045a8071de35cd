using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Generation;

/// <summary>ONNX Runtime finds the weights of models with external data, as generated and as restored.</summary>
public sealed class ExternalDataModelTests
{
    private static readonly string Folder = Path.Combine(Repository.TestModels, ExternalDataModel.Folder);

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("tail.onnx")]
    public void A_restored_model_computes_what_the_original_does(string file)
    {
        float[] expected = Inference.Run(Path.Combine(Folder, file));
        Assert.Equal(32, expected.Distinct().Count());
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));

        using var folder = new TemporaryFolder();
        PackResult packed = ModelPacker.Pack(Path.Combine(Folder, file), folder.PathOf("m.mpk"), new PackOptions { Strict = true });
        Assert.Empty(packed.Warnings);
        ModelPacker.UnpackInto(folder.PathOf("m.mpk"), folder.FullName);
        Assert.Equal(expected, Inference.Run(folder.PathOf(file)));
    }

    [Fact]
    public void All_files_together_stay_small() => Assert.InRange(ExternalDataModel.Files().Sum(file => file.Contents.Length), 1, 100_000);
}
