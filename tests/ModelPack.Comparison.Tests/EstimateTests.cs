using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests;

public sealed class EstimateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Small_model_is_packed_as_a_whole()
    {
        string path = Models.Committed("transformer_bf16.safetensors");

        EstimateReport estimate = Estimate(path, new CompareOptions());

        Assert.Equal(ModelPacker.Pack(path, Stream.Null).PackedLength, estimate.PackedBytes);
        Assert.Equal(0, estimate.Error);
    }

    // Layers of four scales, so that blocks differ; a tenth of them is read.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Sample_tells_the_size(int seed)
    {
        (string, string, int[], byte[])[] tensors =
            [.. Enumerable.Range(0, 24).Select(static i => ($"layer{i}", "BF16", new[] { 512, 512 }, Models.BFloat16(512 * 512, seed: i, deviation: 0.01 * (1 + (i % 4)))))];
        string path = _folder.Write("m.safetensors", Models.Safetensors(tensors));
        long real = ModelPacker.Pack(path, Stream.Null).PackedLength;

        EstimateReport estimate = Estimate(path, new CompareOptions { SampleBytes = 1_300_000, Seed = seed });

        Assert.InRange(estimate.SampledBytes, 1, new FileInfo(path).Length / 2);
        Assert.InRange(estimate.PackedBytes, real * 0.99, real * 1.01);
        Assert.InRange(estimate.Error, 0.00001, 0.02);

        // Two of each layer, and the header.
        Assert.Equal(49, estimate.Blocks);
    }

    [FetchedTheory]
    [InlineData("isnet_medium.onnx")]
    [InlineData("isnet_medium_bf16.safetensors")]
    [InlineData("isnet_medium_f16.safetensors")]
    [InlineData("isnet_medium_f32.safetensors")]
    [InlineData("isnet_small.onnx")]
    [InlineData("isnet_small_u8.safetensors")]
    [InlineData("ocr_rec_bf16.safetensors")]
    [InlineData("ocr_rec_f16.safetensors")]
    [InlineData("ocr_rec_f32.safetensors")]
    [InlineData("silero_vad_legacy.onnx")]
    [InlineData("silero_vad_v5.onnx")]
    public void Real_models_are_estimated_within_a_percent(string name)
    {
        string path = Models.Fetched(name);
        long real = ModelPacker.Pack(path, Stream.Null).PackedLength;

        Assert.InRange(Estimate(path, new CompareOptions()).PackedBytes, real * 0.99, real * 1.01);
    }

    [Fact]
    public void Users_of_four_bit_models_are_told()
    {
        byte[] noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        string path = _folder.Write("m.safetensors", Models.Safetensors(("model.layers.0.mlp.up_proj.qweight", "I32", [512, 512], noise)));

        Assert.Matches("gains (little|nothing).*100 % of it are weights of 4 bits", Estimate(path, new CompareOptions()).Verdict);
    }

    [Fact]
    public void Equal_tensors_are_seen_from_samples()
    {
        byte[] weights = Models.BFloat16(1 << 19, seed: 9);
        string path = _folder.Write("m.safetensors", Models.Safetensors(("embed", "BF16", [1024, 512], weights), ("head", "BF16", [1024, 512], weights)));
        long real = ModelPacker.Pack(path, Stream.Null).PackedLength;

        EstimateReport estimate = Estimate(path, new CompareOptions { SampleBytes = 100_000 });

        Assert.InRange(estimate.PackedBytes, real * 0.99, real * 1.01);
    }

    private static EstimateReport Estimate(string path, CompareOptions options) =>
        Assert.Single(Comparer.Estimate([path], options, null, CancellationToken.None).Sources).Estimate!;
}
