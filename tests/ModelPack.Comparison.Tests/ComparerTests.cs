using System.Text.Json;
using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests;

public sealed class ComparerTests : IDisposable
{
    private static readonly CompareOptions NoPeers = new() { WithPeers = false };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Totals_are_the_real_packed_sizes()
    {
        string path = Models.Committed("transformer_bf16.safetensors");

        SourceReport source = Measure(path, NoPeers);

        foreach (PackLevel level in Enum.GetValues<PackLevel>())
        {
            Assert.Equal(Pack(path, level), source.PackedBytes[Naming.Of(level)]);
        }

        long tensors = source.Tensors.Sum(static tensor => tensor.PackedBytes["default"]!.Value);
        Assert.Equal(source.PackedBytes["default"], tensors + source.Dtypes.Single(static group => group.Name == "(structure)").PackedBytes["default"]);
        Assert.Equal(source.PackedBytes["default"], source.Kinds.Sum(static group => group.PackedBytes["default"]));
        Assert.Equal(source.OriginalBytes, source.Kinds.Sum(static group => group.OriginalBytes));
    }

    [FetchedTheory]
    [InlineData("isnet_small.onnx")]
    [InlineData("silero_vad_legacy.onnx")]
    [InlineData("ocr_rec_f32.safetensors")]
    public void Totals_of_real_models_are_the_real_packed_sizes(string name)
    {
        SourceReport source = Measure(Models.Fetched(name), NoPeers with { Levels = [], WithCoders = false });

        Assert.Equal(Pack(Models.Fetched(name), PackLevel.Default), source.PackedBytes["default"]);
        Assert.InRange(source.BoundBytes!.Value, 1, source.OriginalBytes);
    }

    [Fact]
    public void Every_coder_is_tried_on_every_plane()
    {
        byte[] weights = Models.BFloat16(1 << 17, seed: 1);
        string path = _folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [256, 512], weights)));

        ComparedTensor tensor = Assert.Single(Measure(path, NoPeers).Tensors);

        ComparedPlane exponent = tensor.Planes[0];
        Assert.Equal(1 << 17, exponent.PackedBytes["stored"]);
        Assert.Equal("lane-ans", exponent.Coders["default"]);
        Assert.Equal("stored", tensor.Planes[1].Coders["fast"]);
        foreach (string coder in new[] { "huffman", "lane-ans", "context-ans" })
        {
            Assert.InRange(exponent.PackedBytes[coder]!.Value, exponent.BoundBytes * 0.95, exponent.BoundBytes * 1.05);
        }

        // Noise: a dictionary makes it no smaller.
        Assert.Null(tensor.Planes[1].PackedBytes["lzw"]);
        Assert.InRange(tensor.BoundDistance!.Value, -0.01, 0.02);
    }

    [Fact]
    public void Container_is_measured_as_what_it_restores()
    {
        string path = _folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 2))));
        ModelPacker.Pack(path, _folder["m.mpk"]);

        SourceReport plain = Measure(path, NoPeers);
        SourceReport packed = Measure(_folder["m.mpk"], NoPeers);

        Assert.True(packed.Packed);
        Assert.Equal(plain.PackedBytes, packed.PackedBytes);
        Assert.Equal(JsonSerializer.Serialize(plain.Tensors), JsonSerializer.Serialize(packed.Tensors));
    }

    [Fact]
    public void Files_of_a_folder_are_told_apart()
    {
        _folder.Write("F/a.safetensors", Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 3))));
        _folder.Write("F/b.safetensors", Models.Safetensors(("w", "F32", [64, 64], new byte[16384])));

        SourceReport source = Measure(_folder["F"], NoPeers);

        Assert.Equal(["a.safetensors", "b.safetensors"], source.Files.Select(static file => file.Path));
        Assert.Equal(["BF16", "F32", "(structure)"], source.Dtypes.Select(static group => group.Name));
        Assert.Equal(["a.safetensors", "b.safetensors"], source.Tensors.Select(static tensor => tensor.File));
    }

    [Fact]
    public void Containers_in_a_folder_are_measured_as_what_they_restore()
    {
        byte[] first = Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 3)));
        byte[] second = Models.Safetensors(("v", "BF16", [256, 256], Models.BFloat16(65536, seed: 8)));
        _folder.Write("plain/a.mpk/a.safetensors", first);
        _folder.Write("plain/b.mpk/b.safetensors", second);
        ModelPacker.Pack(_folder["plain/a.mpk/a.safetensors"], _folder.Write("F/a.mpk", []), new PackOptions { Overwrite = true });
        ModelPacker.Pack(_folder["plain/b.mpk/b.safetensors"], _folder["F/b.mpk"], new PackOptions { SplitLength = 65536 });
        Assert.True(File.Exists(_folder["F/b.mpk.002"]));

        SourceReport plain = Measure(_folder["plain"], NoPeers);
        SourceReport packed = Measure(_folder["F"], NoPeers);

        Assert.Equal(["a.mpk/a.safetensors", "b.mpk/b.safetensors"], packed.Files.Select(static file => file.Path));
        Assert.Equal(JsonSerializer.Serialize(plain.Tensors), JsonSerializer.Serialize(packed.Tensors));

        // Without the list the parts are found by their numbers; with one missing they are bytes.
        File.Delete(_folder["F/b.mpk"]);
        Assert.Equal(["a.mpk/a.safetensors", "b.mpk/b.safetensors"], Measure(_folder["F"], NoPeers).Files.Select(static file => file.Path));
        File.Delete(_folder["F/b.mpk.002"]);
        CompareReport report = Comparer.Measure([_folder["F"]], NoPeers, null, CancellationToken.None);
        Assert.Equal(["a.mpk/a.safetensors", "b.mpk.001"], report.Sources[0].Files.Select(static file => file.Path));
        Assert.Contains(report.Warnings, static warning => warning.Reason.EndsWith("measured as plain bytes", StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_never_falls_and_names_each_stage()
    {
        string path = _folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 7))));
        List<ModelPackProgress> seen = [];
        Comparer.Measure([path], NoPeers, new Progress(seen.Add), CancellationToken.None);

        Assert.Equal(seen.Select(static value => value.BytesDone).Order(), seen.Select(static value => value.BytesDone));
        Assert.All(seen, static value => Assert.InRange(value.BytesDone, 0, value.BytesTotal - 1));
        string[] stages = [.. seen.Select(static value => value.CurrentFile).Distinct()];
        Assert.Equal(["at level default", "counting symbols and values", "at level fast", "at level max", "counting symbols in contexts"], stages[..5]);
        Assert.Equal(5 + 5, stages.Length);
    }

    [Fact]
    public void Equal_tensors_say_that_they_cost_nothing()
    {
        byte[] weights = Models.BFloat16(65536, seed: 4);
        string path = _folder.Write("m.safetensors", Models.Safetensors(("embed", "BF16", [256, 256], weights), ("head", "BF16", [256, 256], weights)));

        IReadOnlyList<ComparedTensor> tensors = Measure(path, NoPeers).Tensors;

        Assert.Equal([0, 131072], tensors.Select(static tensor => tensor.RepeatedBytes));
        Assert.InRange(tensors[1].PackedBytes["default"]!.Value, 1, 100);
    }

    [Fact]
    public void Compressors_get_the_same_bytes_and_are_measured()
    {
        string path = _folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 5))));

        CompressorsReport compressors = Measure(path, new CompareOptions { Levels = [], WithCoders = false, PeerRounds = 1 }).Compressors!;

        Assert.True(compressors.IsWhole);
        Assert.Equal(new FileInfo(path).Length, compressors.SampleBytes);
        Assert.Equal(17, compressors.Results.Count);
        Assert.All(compressors.Results, static result => Assert.True(result.Compress > 0 && result.Decompress > 0 && result.PackedBytes > 0));

        // What is packed from memory has no time.
        long own = ModelPacker.Pack(path, Stream.Null, new PackOptions { RecordsTimes = false }).PackedLength;
        Assert.Equal(own, compressors.Results.Single(static result => result.Name == "ModelPack default").PackedBytes);

        // Exponents apart from noise are what makes the planes smaller.
        Assert.True(RatioOf("planes") < RatioOf("whole"));

        double RatioOf(string input) => compressors.Results.Single(result => result.Name == "zstd -3" && result.Input == input).Ratio;
    }

    [Fact]
    public void Larger_models_give_compressors_a_part_of_each_tensor()
    {
        string path = _folder.Write("m.safetensors", Models.Safetensors(
            ("a", "BF16", [512, 512], Models.BFloat16(512 * 512, seed: 6)), ("b", "U8", [300_000], new byte[300_000])));

        CompressorsReport compressors = Measure(path, new CompareOptions { Levels = [], WithCoders = false, PeerRounds = 1, PeerBytes = 200_000 }).Compressors!;

        Assert.False(compressors.IsWhole);
        Assert.InRange(compressors.SampleBytes, 150_000, 200_000);
    }

    [Fact]
    public void Cancelled_comparison_keeps_what_it_has()
    {
        string path = _folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [256, 256], Models.BFloat16(65536, seed: 7))));
        using var cancellation = new CancellationTokenSource();

        // As soon as the second level begins.
        var progress = new Progress(value =>
        {
            if (value.CurrentFile.Contains("level fast", StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        });
        CompareReport report = Comparer.Measure([path], new CompareOptions(), progress, cancellation.Token);

        Assert.True(report.Partial);
        SourceReport source = Assert.Single(report.Sources);
        Assert.Equal(["default"], source.PackedBytes.Keys);
        Assert.NotNull(source.BoundBytes);
        Assert.Null(source.Compressors);
        Assert.NotNull(source.Tensors[0].Ratio);
    }

    private static SourceReport Measure(string path, CompareOptions options) =>
        Assert.Single(Comparer.Measure([path], options, null, CancellationToken.None).Sources);

    private static long Pack(string path, PackLevel level) => ModelPacker.Pack(path, Stream.Null, new PackOptions { Level = level }).PackedLength;

    private sealed class Progress(Action<ModelPackProgress> report) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => report(value);
    }
}
