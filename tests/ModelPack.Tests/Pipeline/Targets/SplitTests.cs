using System.Security.Cryptography;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Targets;

/// <summary>A container in parts is the same container: its bytes, one after the other, and it is read as one.</summary>
public sealed class SplitTests : IDisposable
{
    private const int PartLength = 100_000;

    private static readonly byte[] Original = SmallModels.Safetensors(
        ("a", "BF16", [256, 1024], SmallModels.BFloat16Weights(256 * 1024, 5)),
        ("b", "F32", [64, 256], SmallModels.Float32Weights(64 * 256, 6)));

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _whole = Packing.Pack(Original, "m.safetensors");

    public SplitTests() => _folder.Write("m.safetensors", Original);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parts_joined_are_the_container()
    {
        PackResult result = PackSplit();

        int count = (_whole.Length + PartLength - 1) / PartLength;
        Assert.True(count > 3);
        Assert.Equal(count, result.PartCount);
        Assert.Equal(_whole.Length, result.PackedLength);
        Assert.Equal(["m.mpk", .. Enumerable.Range(1, count).Select(static n => $"m.mpk.{n:D3}"), "m.safetensors"], _folder.Names());
        byte[][] parts = [.. Enumerable.Range(1, count).Select(n => File.ReadAllBytes(_folder[$"m.mpk.{n:D3}"]))];
        Assert.All(parts[..^1], static part => Assert.Equal(PartLength, part.Length));
        Assert.Equal(_whole, parts.SelectMany(static part => part).ToArray());

        // As sha256sum -c reads it.
        string[] sums = [.. File.ReadLines(_folder["m.mpk"]).Where(static line => line[0] != '#')];
        Assert.Equal(parts.Select((part, i) => $"{Convert.ToHexStringLower(SHA256.HashData(part))}  m.mpk.{i + 1:D3}"), sums);
    }

    [Theory]
    [InlineData("m.mpk", true)]
    [InlineData("m.mpk.001", true)]
    [InlineData("m.mpk.003", true)]
    [InlineData("m.mpk", false)]
    [InlineData("m.mpk.001", false)]
    public void They_are_read_as_one_with_their_list_and_without(string name, bool withList)
    {
        PackSplit();
        if (!withList)
        {
            File.Delete(_folder["m.mpk"]);
        }

        ModelPacker.Unpack(_folder[name], _folder["back"]);
        Assert.Equal(Original, File.ReadAllBytes(_folder["back"]));
        Assert.Empty(ModelPacker.Verify(_folder[name], new VerifyOptions { Against = _folder["m.safetensors"], Threads = 2 }).Differences);
        using PackedModel model = PackedModel.Open(_folder[name]);
        Assert.Equal(_whole.Length, model.PackedLength);
        PackedTensor b = model.FindTensor("b");
        byte[] bytes = new byte[b.Length];
        model.ReadTensor(b, bytes);
        Assert.Equal(SmallModels.Float32Weights(64 * 256, 6), bytes);
    }

    [Fact]
    public void They_may_be_renamed_together_and_be_a_base()
    {
        PackSplit();
        foreach (string name in _folder.Names().Where(static name => name.StartsWith("m.mpk", StringComparison.Ordinal)))
        {
            File.Move(_folder[name], _folder[name.Replace("m.mpk", "other.mpk", StringComparison.Ordinal)]);
        }

        Assert.Empty(ModelPacker.Verify(_folder["other.mpk"], new VerifyOptions { Against = _folder["m.safetensors"] }).Differences);
        ModelPacker.Pack(_folder["m.safetensors"], _folder["d.mpk"], new PackOptions { Base = _folder["other.mpk"] });
        Assert.InRange(new FileInfo(_folder["d.mpk"]).Length, 1, _whole.Length / 50);
        ModelPacker.Unpack(_folder["d.mpk"], _folder["back"], new UnpackOptions { Base = _folder["other.mpk.001"] });
        Assert.Equal(Original, File.ReadAllBytes(_folder["back"]));
    }

    [Fact]
    public void A_whole_container_may_be_called_like_a_part()
    {
        _folder.Write("backup.mpk.007", _whole);
        Assert.Equal(Original.Length, ModelPacker.Verify(_folder["backup.mpk.007"]).OriginalLength);
    }

    [Fact]
    public void A_part_that_is_missing_cut_exchanged_or_of_another_container_is_named()
    {
        PackSplit();
        byte[] second = File.ReadAllBytes(_folder["m.mpk.002"]);
        File.Delete(_folder["m.mpk.002"]);
        AssertNamed("m.mpk.002", null, "is missing: part 2 of ");

        _folder.Write("m.mpk.002", second[..^1]);
        AssertNamed("m.mpk.002", PartLength - 1, $"has {PartLength - 1} bytes");

        _folder.Write("m.mpk.002", File.ReadAllBytes(_folder["m.mpk.003"]));
        AssertNamed("m.mpk.002", 0, "is part 3 and not part 2");

        _folder.Write("m.mpk.002", SeededPlanes.Make("uniform", PartLength));
        AssertNamed("m.mpk.002", 0, "comes from another container");

        void AssertNamed(string part, long? offset, string reason)
        {
            foreach (string name in new[] { "m.mpk", "m.mpk.001" })
            {
                foreach (Action read in new Action[] { () => ModelPacker.Unpack(_folder[name], _folder["back"]), () => ModelPacker.Verify(_folder[name]), () => PackedModel.Open(_folder[name]) })
                {
                    ModelPackException exception = Assert.Throws<ModelPackException>(read);
                    Assert.Equal(ModelPackError.Corrupt, exception.Error);
                    Assert.Equal(_folder[part], exception.FileName);
                    Assert.Equal(offset, exception.Offset);
                    Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
                }
            }

            Assert.False(File.Exists(_folder["back"]));
        }
    }

    [Fact]
    public void Damage_is_placed_in_its_part()
    {
        PackSplit();
        byte[] part = File.ReadAllBytes(_folder["m.mpk.003"]);
        part[50_000] ^= 1;
        _folder.Write("m.mpk.003", part);

        // The block begins in the part before, of which the list says that it is sound.
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(_folder["m.mpk"], _folder["back"]));
        Assert.Equal(_folder["m.mpk.003"], exception.FileName);
        Assert.InRange(exception.Offset ?? -1, 0, PartLength - 1);
        Assert.Equal(_folder["m.mpk.003"], Assert.Single(ModelPacker.Diagnose(_folder["m.mpk"]).Damages).ContainerFile);

        // Others name where the block begins.
        ModelPackException ofVerify = Assert.Throws<ModelPackException>(() => ModelPacker.Verify(_folder["m.mpk"]));
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        PackedTensor a = model.FindTensor("a");
        ModelPackException ofTensor = Assert.Throws<ModelPackException>(() => model.ReadTensor(a, new byte[a.Length]));
        Assert.Equal((ofVerify.FileName, ofVerify.Offset), (ofTensor.FileName, ofTensor.Offset));
        Assert.Equal(_folder["m.mpk.002"], ofTensor.FileName);
        Assert.InRange(ofTensor.Offset ?? -1, 0, PartLength - 1);
    }

    [Fact]
    public void Without_a_list_a_gap_in_the_numbers_is_named()
    {
        PackSplit();
        File.Delete(_folder["m.mpk"]);
        File.Delete(_folder["m.mpk.001"]);
        File.Delete(_folder["m.mpk.002"]);
        Assert.Equal(_folder["m.mpk.001"], Assert.Throws<ModelPackException>(() => ModelPacker.Verify(_folder["m.mpk.003"])).FileName);
    }

    [Fact]
    public void Existing_parts_are_replaced_only_when_asked_and_then_all_of_them()
    {
        PackSplit();
        string[] before = _folder.Names();
        Assert.Throws<ModelPackException>(() => PackSplit());
        File.Move(_folder["m.mpk"], _folder["list"]);
        Assert.Equal(_folder["m.mpk.001"], Assert.Throws<ModelPackException>(() => PackSplit()).FileName);
        File.Move(_folder["list"], _folder["m.mpk"]);
        Assert.Equal(before, _folder.Names());

        // Fewer parts than before, then none.
        ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { RecordsTimes = false, SplitLength = 300_000, Overwrite = true });
        Assert.True(_folder.Names().Length < before.Length);
        Assert.Equal(Original.Length, ModelPacker.Verify(_folder["m.mpk"]).OriginalLength);
        ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { RecordsTimes = false, Overwrite = true });
        Assert.Equal(["m.mpk", "m.safetensors"], _folder.Names());
        Assert.Equal(_whole, File.ReadAllBytes(_folder["m.mpk"]));
        ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { RecordsTimes = false, SplitLength = PartLength, Overwrite = true });
        Assert.Equal(before, _folder.Names());
    }

    [Fact]
    public void Failure_and_cancelling_leave_nothing_and_old_parts_as_they_were()
    {
        using var cancellation = new CancellationTokenSource();
        var atOnce = new ImmediateProgress(done =>
        {
            if (done.BytesDone > 400_000)
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => ModelPacker.Pack(
            _folder["m.safetensors"], _folder["m.mpk"], new PackOptions { SplitLength = 65_536, Threads = 1 }, atOnce, cancellation.Token));
        Assert.Equal(["m.safetensors"], _folder.Names());

        PackSplit();
        string[] before = _folder.Names();
        byte[] list = File.ReadAllBytes(_folder["m.mpk"]);
        Assert.Throws<OperationCanceledException>(() => ModelPacker.Pack(
            _folder["m.safetensors"], _folder["m.mpk"], new PackOptions { SplitLength = 65_536, Overwrite = true }, null, cancellation.Token));
        Assert.Equal(before, _folder.Names());
        Assert.Equal(list, File.ReadAllBytes(_folder["m.mpk"]));

        // A folder where the third part belongs: parts that have their names already lose them again.
        using var other = new TemporaryFolder();
        string source = other.Write("m.safetensors", Original);
        Directory.CreateDirectory(other["m.mpk.003"]);
        Assert.ThrowsAny<Exception>(() => ModelPacker.Pack(source, other["m.mpk"], new PackOptions { SplitLength = PartLength }));
        Assert.Equal(["m.mpk.003", "m.safetensors"], other.Names());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    [InlineData(-1)]
    public void Parts_that_are_too_small_are_refused(long length)
    {
        Assert.Equal(
            ModelPackError.InvalidRequest,
            Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { SplitLength = length })).Error);
        Assert.Equal(["m.safetensors"], _folder.Names());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void A_container_that_fills_its_parts_exactly_has_no_empty_one(int tooShort, int count)
    {
        PackResult result = ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { RecordsTimes = false, SplitLength = _whole.Length - tooShort });
        Assert.Equal(count, result.PartCount);
        Assert.Equal(tooShort > 0 ? tooShort : _whole.Length, new FileInfo(_folder[$"m.mpk.{count:D3}"]).Length);
        Assert.Equal(Original.Length, ModelPacker.Verify(_folder["m.mpk"]).OriginalLength);
    }

    private PackResult PackSplit() => ModelPacker.Pack(_folder["m.safetensors"], _folder["m.mpk"], new PackOptions { RecordsTimes = false, SplitLength = PartLength });

    private sealed class ImmediateProgress(Action<ModelPackProgress> report) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => report(value);
    }
}
