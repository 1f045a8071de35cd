using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests;

public sealed class DifferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_are_told_apart()
    {
        byte[] weights = Models.BFloat16(65536, seed: 1);
        byte[] tuned = [.. weights];

        // The lowest mantissa bit of every fourth value.
        for (int i = 0; i < tuned.Length; i += 8)
        {
            tuned[i] ^= 1;
        }

        byte[] other = Models.BFloat16(4096, seed: 2);
        string old = _folder.Write("a.safetensors", Models.Safetensors(
            ("same", "BF16", [64, 64], other), ("tuned", "BF16", [256, 256], weights), ("shaped", "BF16", [64, 64], other), ("gone", "BF16", [64, 64], other)));
        string made = _folder.Write("b.safetensors", Models.Safetensors(
            ("same", "BF16", [64, 64], other), ("tuned", "BF16", [256, 256], tuned), ("shaped", "BF16", [32, 128], other), ("extra", "U8", [10], new byte[10])));

        CompareReport report = Comparer.Difference(old, made, new CompareOptions(), null, CancellationToken.None);

        ComparedModels difference = report.Difference!;
        Assert.Equal("difference", report.Mode);
        Assert.Equal((1, 1, 1, 1, 1), (difference.Equal, difference.Near, difference.Reshaped, difference.Added, difference.Missing));
        ComparedPair near = difference.Tensors.Single(static tensor => tensor.State == "near");
        Assert.Equal("tuned", near.Name);
        Assert.Equal(0.25, near.ChangedValues!.Value, 1e-12);
        Assert.Equal(0.25 / 16, near.ChangedBits!.Value, 1e-12);
        Assert.Equal([("exponent", 0.0), ("sign-mantissa", 0.25 / 8)], near.Planes.Select(static plane => (plane.Name, plane.ChangedBits)));
        Assert.True(near.DifferenceBytes < near.PackedBytes / 2);
        Assert.Equal(ModelPacker.Pack(made, Stream.Null).PackedLength, difference.PackedBytes);
        Assert.Equal(ModelPacker.Pack(made, Stream.Null, new PackOptions { Base = old }).PackedLength, difference.DifferenceBytes);
    }

    [Fact]
    public void Model_that_was_trained_further_costs_a_part_of_itself()
    {
        ComparedModels difference = Comparer.Difference(
            Models.Committed("finetune/base.safetensors"), Models.Committed("finetune/tuned.safetensors"), new CompareOptions(), null, CancellationToken.None).Difference!;

        Assert.True(difference.DifferenceBytes < difference.PackedBytes);
        Assert.Equal(0, difference.Added + difference.Missing + difference.Reshaped);
    }
}
