using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>A target is complete or untouched, and nothing else is left behind.</summary>
public sealed class TargetTests
{
    [Fact]
    public void Files_pack_unpack_and_verify_by_path()
    {
        using var folder = new TemporaryFolder();
        byte[] original = SmallModels.Mixed();
        string source = folder.Write("m.safetensors", original);
        PackResult packed = ModelPacker.Pack(source, folder["m.mpk"]);
        Assert.Equal(original.Length, packed.OriginalLength);
        Assert.Equal(new FileInfo(folder["m.mpk"]).Length, packed.PackedLength);
        Assert.Equal(8, packed.Files[0].TensorCount);
        UnpackResult restored = ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        Assert.Equal(original.Length, restored.OriginalLength);
        Assert.Equal(original, File.ReadAllBytes(folder["back"]));
        Assert.Empty(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = source }).Differences);
        Assert.Equal(["back", "m.mpk", "m.safetensors"], folder.Names());
    }

    [Fact]
    public void An_existing_target_is_replaced_only_when_asked()
    {
        using var folder = new TemporaryFolder();
        string source = folder.Write("m.safetensors", SmallModels.Mixed());
        folder.Write("m.mpk", [1, 2, 3]);
        Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => ModelPacker.Pack(source, folder["m.mpk"])).Error);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["m.mpk"]));
        ModelPacker.Pack(source, folder["m.mpk"], new PackOptions { Overwrite = true });
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["m.mpk"], source));
        ModelPacker.Unpack(folder["m.mpk"], source, new UnpackOptions { Overwrite = true });
        Assert.Equal(SmallModels.Mixed(), File.ReadAllBytes(source));
        Assert.Equal(["m.mpk", "m.safetensors"], folder.Names());
    }

    [Fact]
    public void Failure_leaves_nothing_and_an_existing_target_as_it_was()
    {
        using var folder = new TemporaryFolder();
        byte[] packed = Packing.Pack(SmallModels.Mixed());
        packed[^200] ^= 1;
        folder.Write("bad.mpk", packed);
        folder.Write("old", [9]);
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["bad.mpk"], folder["new"]));
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["bad.mpk"], folder["old"], new UnpackOptions { Overwrite = true }));
        Assert.Throws<FileNotFoundException>(() => ModelPacker.Pack(folder["none"], folder["none.mpk"]));
        Assert.Equal([9], File.ReadAllBytes(folder["old"]));
        Assert.Equal(["bad.mpk", "old"], folder.Names());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Cancelling_leaves_nothing(int threads)
    {
        using var folder = new TemporaryFolder();
        string source = folder.Write("m.safetensors", SmallModels.Safetensors(("a", "BF16", [1024, 2048], SmallModels.BFloat16Weights(1024 * 2048, 5))));
        using var cancellation = new CancellationTokenSource();
        var atOnce = new ImmediateProgress(done =>
        {
            if (done.BytesDone > 1_000_000)
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => ModelPacker.Pack(source, folder["m.mpk"], new PackOptions { Threads = threads }, atOnce, cancellation.Token));
        Assert.Equal(["m.safetensors"], folder.Names());

        ModelPacker.Pack(source, folder["m.mpk"]);
        using var again = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => ModelPacker.Unpack(folder["m.mpk"], folder["back"], new UnpackOptions { Threads = threads }, new ImmediateProgress(_ => again.Cancel()), again.Token));
        Assert.Equal(["m.mpk", "m.safetensors"], folder.Names());
    }

    [Fact]
    public void Progress_ends_at_the_whole()
    {
        byte[] original = SmallModels.Safetensors(("a", "BF16", [512, 1024], SmallModels.BFloat16Weights(512 * 1024, 5)));
        using var folder = new TemporaryFolder();
        string source = folder.Write("m.safetensors", original);
        var seen = new List<ModelPackProgress>();
        ModelPacker.Pack(source, folder["m.mpk"], progress: new ImmediateProgress(seen.Add));
        Assert.True(seen.Count > 2);
        Assert.Equal(new ModelPackProgress(original.Length, original.Length, "m.safetensors"), seen[^1]);
        Assert.Equal(seen.Select(static p => p.BytesDone).Order(), seen.Select(static p => p.BytesDone));
        seen.Clear();
        ModelPacker.Unpack(folder["m.mpk"], folder["back"], progress: new ImmediateProgress(seen.Add));
        Assert.Equal(new ModelPackProgress(original.Length, original.Length, "m.safetensors"), seen[^1]);
    }

    [Fact]
    public void Verify_names_the_first_difference()
    {
        using var folder = new TemporaryFolder();
        byte[] original = SmallModels.Mixed();
        string source = folder.Write("m.safetensors", original);
        ModelPacker.Pack(source, folder["m.mpk"]);
        original[3000] ^= 4;
        original[3100] ^= 4;
        File.WriteAllBytes(source, original);
        Difference difference = Assert.Single(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = source }).Differences);
        Assert.Equal(3000, difference.Offset);
        File.WriteAllBytes(source, SmallModels.Mixed()[..^1]);
        Assert.Equal(original.Length - 1, Assert.Single(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = source }).Differences).Offset);
        File.WriteAllBytes(source, [.. SmallModels.Mixed(), 0]);
        Assert.Equal(original.Length, Assert.Single(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = source }).Differences).Offset);
    }

    [Fact]
    public void A_folder_comes_back_with_its_tree()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/config.json", "{\"a\": 1}"u8.ToArray());
        folder.Write("model/empty.txt", []);
        folder.Write("model/part one/weights-00001.safetensors", SmallModels.Mixed());
        folder.Write("model/weights-00002.safetensors", SmallModels.Safetensors(("x", "F32", [5], SmallModels.Float32Weights(5, 1))));
        PackResult packed = ModelPacker.Pack(folder["model"], folder["model.mpk"]);
        Assert.Equal(["config.json", "empty.txt", "part one/weights-00001.safetensors", "weights-00002.safetensors"], packed.Files.Select(static f => f.Path));
        ModelPacker.Unpack(folder["model.mpk"], folder["back"]);
        foreach (FileSummary file in packed.Files)
        {
            Assert.Equal(File.ReadAllBytes(folder["model/" + file.Path]), File.ReadAllBytes(folder["back/" + file.Path]));
        }

        Assert.Empty(ModelPacker.Verify(folder["model.mpk"], new VerifyOptions { Against = folder["model"] }).Differences);
        File.Delete(folder["back/empty.txt"]);
        folder.Write("back/more.txt", [1]);
        Assert.Equal(["empty.txt", "more.txt"], ModelPacker.Verify(folder["model.mpk"], new VerifyOptions { Against = folder["back"] }).Differences.Select(static d => d.File));
        Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["model.mpk"], folder["back"]));
        ModelPacker.Unpack(folder["model.mpk"], folder["back"], new UnpackOptions { Overwrite = true });
        Assert.False(File.Exists(folder["back/more.txt"]));
        Assert.Equal(["back", "model", "model.mpk"], folder.Names().Where(static n => !n.Contains('/', StringComparison.Ordinal)));
        using PackedModel model = PackedModel.Open(folder["model.mpk"]);
        Assert.True(model.IsFolder);
        Assert.Equal(4, model.Files.Count);
        byte[] x = new byte[20];
        model.ReadTensor(model.FindTensor("x"), x);
        Assert.Equal(SmallModels.Float32Weights(5, 1), x);
    }

    [Fact]
    public void Links_in_a_folder_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/a.bin", [1]);
        File.CreateSymbolicLink(folder["model/link"], folder["model/a.bin"]);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"]));
        Assert.Equal(folder["model/link"], exception.FileName);
        Assert.False(File.Exists(folder["m.mpk"]));
    }

    [UnixFact]
    public void Pipes_and_devices_are_refused_before_they_are_opened()
    {
        using var folder = new TemporaryFolder();
        string pipe = folder["model/pipe"];
        Directory.CreateDirectory(folder["model"]);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        // Nobody writes to the pipe: to open it would be to wait for ever.
        foreach (string path in new[] { pipe, "/dev/zero" })
        {
            Assert.Equal(path, Assert.Throws<ModelPackException>(() => ModelPacker.Pack(path, folder["m.mpk"])).FileName);
            Assert.Equal(path, Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(path, folder["m"])).FileName);
            Assert.Equal(path, Assert.Throws<ModelPackException>(() => ModelPacker.Verify(path)).FileName);
            Assert.Equal(path, Assert.Throws<ModelPackException>(() => PackedModel.Open(path)).FileName);
        }

        Assert.Equal(pipe, Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"])).FileName);
        Assert.Equal(["model", "model/pipe"], folder.Names());
    }

    private sealed class ImmediateProgress(Action<ModelPackProgress> report) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => report(value);
    }
}
