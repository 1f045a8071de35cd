using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class GenerateOnnxCommandTests
{
    [Theory]
    [InlineData(Dtype.F32, 4)]
    [InlineData(Dtype.F16, 2)]
    public void A_model_of_several_data_files_runs(Dtype dtype, int elementSize)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("m.onnx");
        long written = new LargeOnnxModel(dtype, 100).Write(path, 5 * 100 * 100 * elementSize - 1, 3, seed: 1, CancellationToken.None);
        Assert.Equal(5L * 100 * 100 * elementSize, written);
        Assert.Equal(["m.onnx", "m.onnx_data", "m.onnx_data_1", "m.onnx_data_2"], Directory.GetFiles(folder.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        float[] result = Inference.Run(path);
        Assert.Equal(100, result.Length);
        Assert.All(result, value => Assert.True(float.IsFinite(value)));
        Assert.True(result.Distinct().Count() > 90);
        Assert.Contains(result, value => Math.Abs(value) > 0.01);
    }

    [Fact]
    public void The_seed_makes_the_weights()
    {
        using var folder = new TemporaryFolder();
        foreach ((string name, ulong seed) in new[] { ("a", 1UL), ("b", 1UL), ("c", 2UL) })
        {
            new LargeOnnxModel(Dtype.F32, 50).Write(folder.PathOf(name), 30_000, 2, seed, CancellationToken.None);
        }

        byte[] Data(string name) => File.ReadAllBytes(folder.PathOf(name + "_data_1"));
        Assert.Equal(Data("a"), Data("b"));
        Assert.NotEqual(Data("a"), Data("c"));
    }

    [Fact]
    public void More_files_than_matrices_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ModelPackException>(() => new LargeOnnxModel(Dtype.F32, 50).Write(folder.PathOf("a"), 10_000, 2, 1, CancellationToken.None));
    }
}
