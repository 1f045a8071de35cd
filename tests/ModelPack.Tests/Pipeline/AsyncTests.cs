using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>The asynchronous methods do what the others do, away from the caller's thread, and can be cancelled.</summary>
public sealed class AsyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _original = SmallModels.Safetensors(("w", "BF16", [600, 1024], SmallModels.BFloat16Weights(600 * 1024, 1)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task They_do_the_same()
    {
        string source = _folder.Write("m.safetensors", _original);
        byte[] expected = Packing.Pack(_original, "m.safetensors");
        PackResult result = await ModelPacker.PackAsync(source, _folder["m.mpk"], new PackOptions { RecordsTimes = false });
        Assert.Equal((_original.Length, expected.Length), (result.OriginalLength, result.PackedLength));
        Assert.Equal(expected, await File.ReadAllBytesAsync(_folder["m.mpk"]));
        using var packed = new MemoryStream();
        await ModelPacker.PackAsync(source, packed, new PackOptions { RecordsTimes = false });
        Assert.Equal(expected, packed.ToArray());
        packed.SetLength(0);
        await ModelPacker.PackAsync(new ForwardStream(_original), "m.safetensors", packed);
        Assert.Equal(expected, packed.ToArray());
        packed.SetLength(0);
        await ModelPacker.PackAsync(_original, "m.safetensors", packed);
        Assert.Equal(expected, packed.ToArray());
        await ModelPacker.PackAsync(new ForwardStream(_original), "m.safetensors", _folder["n.mpk"]);
        Assert.Equal(expected, await File.ReadAllBytesAsync(_folder["n.mpk"]));

        await ModelPacker.UnpackAsync(_folder["m.mpk"], _folder["back"]);
        Assert.Equal(_original, await File.ReadAllBytesAsync(_folder["back"]));
        await ModelPacker.UnpackAsync(new ForwardStream(expected), "pipe", _folder["back2"]);
        Assert.Equal(_original, await File.ReadAllBytesAsync(_folder["back2"]));
        using var restored = new MemoryStream();
        await ModelPacker.UnpackAsync(_folder["m.mpk"], restored);
        Assert.Equal(_original, restored.ToArray());
        restored.SetLength(0);
        await ModelPacker.UnpackAsync(new ForwardStream(expected), "pipe", restored);
        Assert.Equal(_original, restored.ToArray());
        byte[] memory = new byte[_original.Length];
        await ModelPacker.UnpackAsync(expected, memory);
        Assert.Equal(_original, memory);
        Assert.Equal(_original.Length, (await ModelPacker.VerifyAsync(_folder["m.mpk"], new VerifyOptions { Against = source })).OriginalLength);
        Assert.Empty((await ModelPacker.VerifyAsync(new ForwardStream(expected), "pipe", new VerifyOptions { Against = source })).Differences);
    }

    [Fact]
    public async Task The_caller_goes_on_meanwhile_and_hears_of_progress()
    {
        string source = _folder.Write("m.safetensors", _original);
        using var seen = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        int caller = Environment.CurrentManagedThreadId;
        var progress = new Reports(report =>
        {
            Assert.NotEqual(caller, Environment.CurrentManagedThreadId);
            Assert.Equal(_original.Length, report.BytesTotal);
            seen.Set();
            Assert.True(goOn.Wait(TimeSpan.FromMinutes(2)));
        });

        // Were it not for the other thread, the call would wait for what comes after it.
        Task<PackResult> packing = ModelPacker.PackAsync(source, _folder["m.mpk"], progress: progress);
        Assert.True(seen.Wait(TimeSpan.FromMinutes(2)));
        Assert.False(packing.IsCompleted);
        goOn.Set();
        await packing;
        Assert.True(File.Exists(_folder["m.mpk"]));
    }

    [Fact]
    public async Task Cancelled_they_leave_nothing()
    {
        string source = _folder.Write("m.safetensors", _original);
        await ModelPacker.PackAsync(source, _folder["m.mpk"], new PackOptions { RecordsTimes = false });
        string[] names = _folder.Names();
        foreach (Func<IProgress<ModelPackProgress>, CancellationToken, Task> work in new Func<IProgress<ModelPackProgress>, CancellationToken, Task>[]
        {
            (progress, token) => ModelPacker.PackAsync(source, _folder["n.mpk"], progress: progress, cancellationToken: token),
            (progress, token) => ModelPacker.UnpackAsync(_folder["m.mpk"], _folder["back"], progress: progress, cancellationToken: token),
            (progress, token) => ModelPacker.VerifyAsync(_folder["m.mpk"], progress: progress, cancellationToken: token),
        })
        {
            using var cancellation = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work(new Reports(_ => cancellation.Cancel()), cancellation.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work(new Reports(_ => { }), cancellation.Token));
            Assert.Equal(names, _folder.Names());
        }
    }

    [Fact]
    public async Task Errors_come_as_they_are()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => ModelPacker.PackAsync(_folder["absent"], _folder["m.mpk"]));
        string noContainer = _folder.Write("no.mpk", [1, 2, 3]);
        Assert.Equal(noContainer, (await Assert.ThrowsAsync<ModelPackException>(() => ModelPacker.UnpackAsync(noContainer, _folder["back"]))).FileName);
        await Assert.ThrowsAsync<ModelPackException>(() => ModelPacker.VerifyAsync(noContainer));
    }

    private sealed class Reports(Action<ModelPackProgress> action) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => action(value);
    }
}
