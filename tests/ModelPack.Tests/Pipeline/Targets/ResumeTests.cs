using ModelPack.Pipeline.Targets;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Targets;

/// <summary>Packing that goes on after an interruption gives the bytes of one that was never interrupted, whatever was left.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ResumeTests()
    {
        byte[] shared = SmallModels.BFloat16Weights(128 * 1024, 1);
        _folder.Write("F/a.safetensors", SmallModels.Safetensors(("x", "BF16", [128, 1024], shared), ("y", "BF16", [192, 1024], SmallModels.BFloat16Weights(192 * 1024, 2))));
        _folder.Write("F/config.json", "{\"layers\": 2}"u8.ToArray());
        _folder.Write("F/empty", []);
        _folder.Write("F/sub/b.safetensors", SmallModels.Safetensors(("x", "BF16", [128, 1024], shared), ("z", "F32", [300, 512], SmallModels.Float32Weights(300 * 512, 3))));
        _folder.Write("F/z.bin", SeededPlanes.Make("text", 3_000_000));
        ModelPacker.Pack(_folder["F"], _folder["whole.mpk"], Options with { Resume = false });
    }

    private static PackOptions Options => new() { Resume = true, Sha256 = true, Threads = 2 };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(100_000L)]
    public void Interrupted_anywhere_it_ends_with_the_same_bytes(long? split)
    {
        var random = new Random(7);
        long reused = 0;
        for (int round = 0; round < 12; round++)
        {
            long original = 0;
            int interruptions = random.Next(1, 4);
            for (int i = 0; i < interruptions; i++)
            {
                original = Math.Max(original, Interrupt(random.Next(1, 4_500_000), Options with { SplitLength = split }));
                if (random.Next(3) == 0)
                {
                    Tear(random);
                }
            }

            PackResult result = ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options with { SplitLength = split });
            reused += result.ReusedLength;
            AssertWhole();
            Assert.DoesNotContain(_folder.Names(), static name => name.StartsWith('.'));
            foreach (string name in _folder.Names().Where(static name => name.StartsWith("x.mpk", StringComparison.Ordinal)))
            {
                File.Delete(_folder[name]);
            }
        }

        Assert.True(reused > 3_000_000);
    }

    [Fact]
    public void Finished_files_are_not_coded_again()
    {
        Interrupt(4_000_000, Options);
        long left = new FileInfo(_folder[".x.mpk.mpk-resume"]).Length;
        Assert.True(left > 500_000);
        PackResult result = ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options);
        Assert.InRange(result.ReusedLength, 1_500_000, 4_700_000);
        AssertWhole();
    }

    [Fact]
    public void Originals_that_changed_meanwhile_are_packed_as_they_are_now()
    {
        Interrupt(4_000_000, Options);
        byte[] changed = File.ReadAllBytes(_folder["F/a.safetensors"]);
        changed[^100_000] ^= 0x10;
        DateTime time = File.GetLastWriteTimeUtc(_folder["F/a.safetensors"]);
        _folder.Write("F/a.safetensors", changed);
        File.SetLastWriteTimeUtc(_folder["F/a.safetensors"], time);
        ModelPacker.Pack(_folder["F"], _folder["whole.mpk"], Options with { Resume = false, Overwrite = true });

        ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options);

        AssertWhole();
        Assert.Empty(ModelPacker.Verify(_folder["x.mpk"], new VerifyOptions { Against = _folder["F"] }).Differences);
    }

    [Fact]
    public void Other_options_or_files_begin_anew()
    {
        foreach (Action change in new Action[] { () => { }, () => _folder.Write("F/0.txt", [1]), () => File.Delete(_folder["F/config.json"]) })
        {
            Interrupt(4_000_000, Options with { Level = PackLevel.Fast });
            change();
            ModelPacker.Pack(_folder["F"], _folder["whole.mpk"], Options with { Resume = false, Overwrite = true });
            Assert.Equal(0, ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options with { Overwrite = true }).ReusedLength);
            AssertWhole();
        }
    }

    [Fact]
    public void Bytes_that_changed_in_what_was_left_are_never_used()
    {
        var random = new Random(3);
        for (int round = 0; round < 20; round++)
        {
            Interrupt(4_000_000, Options);
            foreach (string name in new[] { ".x.mpk.mpk-resume", ".x.mpk.mpk-journal" })
            {
                byte[] left = File.ReadAllBytes(_folder[name]);
                for (int flips = random.Next(0, 4); flips > 0; flips--)
                {
                    left[random.Next(left.Length)] ^= (byte)(1 << random.Next(8));
                }

                File.WriteAllBytes(_folder[name], left);
            }

            ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options with { Overwrite = true });
            AssertWhole();
        }
    }

    [Fact]
    public void With_a_base_it_goes_on_too()
    {
        byte[] tuned = File.ReadAllBytes(_folder["F/a.safetensors"]);
        for (int i = 20_000; i < tuned.Length; i += 1000)
        {
            tuned[i] ^= 1;
        }

        _folder.Write("tuned.safetensors", tuned);
        PackOptions options = Options with { Base = _folder["F/a.safetensors"] };
        ModelPacker.Pack(_folder["tuned.safetensors"], _folder["whole.mpk"], options with { Resume = false, Overwrite = true });
        Interrupt(400_000, options, "tuned.safetensors");

        PackResult result = ModelPacker.Pack(_folder["tuned.safetensors"], _folder["x.mpk"], options);

        Assert.True(result.ReusedLength > 0);
        AssertWhole();
    }

    [Fact]
    public void What_another_process_works_on_is_left_alone()
    {
        using var journal = new PackJournal(_folder[".x.mpk.mpk-journal"]);
        Assert.Throws<IOException>(() => ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options));
        ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options with { Resume = false });
        Assert.True(File.Exists(_folder[".x.mpk.mpk-journal"]));
    }

    [Fact]
    public void Packing_without_it_removes_what_was_left()
    {
        Interrupt(2_000_000, Options with { SplitLength = 100_000 });
        Assert.Contains(".x.mpk.002.mpk-resume", _folder.Names());
        ModelPacker.Pack(_folder["F"], _folder["x.mpk"], Options with { Resume = false });
        Assert.DoesNotContain(_folder.Names(), static name => name.StartsWith('.'));
    }

    [Fact]
    public void A_stream_cannot_be_resumed() =>
        Assert.Equal(
            ModelPackError.InvalidRequest,
            Assert.Throws<ModelPackException>(() => ModelPacker.Pack(Stream.Null, "m", _folder["x.mpk"], Options)).Error);

    private void AssertWhole()
    {
        string[] parts = [.. _folder.Names().Where(static name => name.StartsWith("x.mpk.0", StringComparison.Ordinal))];
        byte[] packed = parts.Length == 0 ? File.ReadAllBytes(_folder["x.mpk"]) : [.. parts.SelectMany(name => File.ReadAllBytes(_folder[name]))];
        Assert.True(File.ReadAllBytes(_folder["whole.mpk"]).AsSpan().SequenceEqual(packed));
    }

    /// <summary>Packs until this many bytes are done, or to the end and then takes back the target.</summary>
    private long Interrupt(long bytes, PackOptions options, string source = "F")
    {
        using var cancellation = new CancellationTokenSource();
        long done = 0;
        var progress = new ImmediateProgress(now =>
        {
            done = now.BytesDone;
            if (done >= bytes)
            {
                cancellation.Cancel();
            }
        });
        try
        {
            ModelPacker.Pack(_folder[source], _folder["x.mpk"], options with { Overwrite = true }, progress, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return done;
        }

        Assert.Fail($"{bytes} bytes are more than there are");
        return done;
    }

    /// <summary>Cuts one of the files that were left somewhere, as a power failure may.</summary>
    private void Tear(Random random)
    {
        string[] left = [.. _folder.Names().Where(static name => name.StartsWith('.'))];
        if (left.Length > 0)
        {
            using FileStream file = File.OpenWrite(_folder[left[random.Next(left.Length)]]);
            file.SetLength(random.NextInt64(file.Length + 1));
        }
    }

    private sealed class ImmediateProgress(Action<ModelPackProgress> report) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => report(value);
    }
}
