using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Recovery;

/// <summary>What is lost of a damaged container is named, all of it, and the rest comes back.</summary>
public sealed class DiagnosisTests : IDisposable
{
    private static readonly byte[] First = SmallModels.Safetensors(
        ("x", "BF16", [256, 1024], SmallModels.BFloat16Weights(256 * 1024, 1)), ("y", "F32", [300, 512], SmallModels.Float32Weights(300 * 512, 3)));

    private static readonly byte[] Last = SmallModels.Safetensors(
        ("x", "BF16", [256, 1024], SmallModels.BFloat16Weights(256 * 1024, 1)), ("w", "BF16", [200, 1024], SmallModels.BFloat16Weights(200 * 1024, 4)));

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _packed;

    public DiagnosisTests()
    {
        _folder.Write("F/a.safetensors", First);
        _folder.Write("F/b.txt", "words, words, words"u8.ToArray());
        _folder.Write("F/c.safetensors", Last);
        ModelPacker.Pack(_folder["F"], _folder["F.mpk"], new PackOptions { Sha256 = true });
        _packed = File.ReadAllBytes(_folder["F.mpk"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sound_container_has_no_damage()
    {
        ContainerDiagnosis diagnosis = ModelPacker.Diagnose(_folder["F.mpk"]);
        Assert.True(diagnosis.IsSound);
        Assert.All(diagnosis.Files, static file => Assert.True(file.IsComplete));
        Assert.Equal([2, 0, 2], diagnosis.Files.Select(static file => file.TensorCount));
    }

    [Fact]
    public void Damage_does_not_hide_other_damage()
    {
        List<int> blocks = ContainerFrames.Find(_packed, kind: 2, form: 0);
        List<int> offsets = ContainerFrames.Offsets(_packed);
        int[] damaged = [offsets[blocks[1]], offsets[blocks[3]], offsets[blocks[^1]]];
        byte[] bytes = [.. _packed];
        bytes[damaged[0] + 60] ^= 4;
        bytes[damaged[1] + 3] ^= 1; // of the header
        bytes[damaged[2] + 24] ^= 1;
        _folder.Write("d.mpk", bytes);

        ContainerDiagnosis diagnosis = ModelPacker.Diagnose(_folder["d.mpk"], new DiagnoseOptions { Threads = 2 });

        Assert.True(diagnosis.HasIndex);
        Assert.Superset(damaged.Select(static offset => (long)offset).ToHashSet(), diagnosis.Damages.Select(static damage => damage.ContainerOffset).ToHashSet());
        Assert.All(diagnosis.Damages, damage => Assert.Equal(_folder["d.mpk"], damage.ContainerFile));
        Assert.Equal(["a.safetensors"], diagnosis.Damages.Where(d => d.ContainerOffset == damaged[0]).Select(static d => d.File));
        Assert.True(diagnosis.Files[1].IsComplete);

        // The names are those of the tensors whose bytes lie there.
        ContainerDamage first = diagnosis.Damages.First(d => d.ContainerOffset == damaged[0]);
        int header = First.Length - (256 * 1024 * 2) - (300 * 512 * 4);
        int border = header + (256 * 1024 * 2);
        Assert.Equal(first.Offset < border && first.Offset + first.Length > header, first.Tensors.Contains("x"));
        Assert.Equal(first.Offset + first.Length > border, first.Tensors.Contains("y"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_salvage_writes_under_its_name_is_sound_wherever_bytes_are_flipped(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 25; round++)
        {
            byte[] bytes = [.. _packed];
            for (int flips = random.Next(1, 5); flips > 0; flips--)
            {
                bytes[random.Next(32, bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            _folder.Write("d.mpk", bytes);
            ContainerDiagnosis diagnosis = ModelPacker.Salvage(_folder["d.mpk"], _folder["back"], new UnpackOptions { Overwrite = true, Threads = 2 });

            Assert.False(diagnosis.IsSound);
            Assert.NotEmpty(diagnosis.Damages);
            AssertSalvaged(diagnosis);
        }
    }

    [Fact]
    public void A_cut_container_has_the_files_that_were_whole_and_the_start_of_the_next()
    {
        var random = new Random(5);
        for (int round = 0; round < 40; round++)
        {
            int length = random.Next(32, _packed.Length - 40);
            _folder.Write("cut.mpk", _packed[..length]);
            ContainerDiagnosis diagnosis = ModelPacker.Salvage(_folder["cut.mpk"], _folder["back"], new UnpackOptions { Overwrite = true });
            Assert.False(diagnosis.HasIndex);
            Assert.Equal(length, diagnosis.PresentLength);
            Assert.Equal(-1, diagnosis.ContainerLength);
            int indexOffset = ContainerFrames.Offsets(_packed)[^1];
            Assert.True(diagnosis.IsCut || length > indexOffset);
            AssertSalvaged(diagnosis);
            if (diagnosis.Files is [.., { IsComplete: false, TensorCount: > 0 } last])
            {
                Assert.NotEmpty(last.LostTensors);
            }
        }

        // All but the last bytes of the index: every file is there.
        _folder.Write("cut.mpk", _packed[..^41]);
        Assert.All(ModelPacker.Diagnose(_folder["cut.mpk"]).Files, static file => Assert.True(file.IsComplete));
    }

    [Fact]
    public void Frames_are_found_again_behind_zeros_that_cover_several()
    {
        List<int> offsets = ContainerFrames.Offsets(_packed);
        byte[] bytes = [.. _packed[..^40], .. new byte[40]];
        int from = offsets[2] + 5;
        int to = offsets[4] + 7;
        bytes.AsSpan(from, to - from).Clear();
        _folder.Write("d.mpk", bytes);

        ContainerDiagnosis diagnosis = ModelPacker.Salvage(_folder["d.mpk"], _folder["back"]);

        Assert.False(diagnosis.HasIndex);
        Assert.False(diagnosis.IsCut);
        Assert.Equal([false, true], diagnosis.Files.Take(2).Select(static file => file.IsComplete));
        Assert.True(diagnosis.Files[0].SoundLength > 0);
        AssertSalvaged(diagnosis);
    }

    [Fact]
    public void Missing_parts_lose_what_lies_in_them_and_no_more()
    {
        ModelPacker.Pack(_folder["F"], _folder["s.mpk"], new PackOptions { SplitLength = 200_000, Sha256 = true });
        byte[] third = File.ReadAllBytes(_folder["s.mpk.003"]);
        File.Delete(_folder["s.mpk.003"]);

        ContainerDiagnosis diagnosis = ModelPacker.Salvage(_folder["s.mpk"], _folder["back"]);

        Assert.True(diagnosis.HasIndex);
        Assert.Equal(_packed.Length, diagnosis.ContainerLength);
        Assert.Equal(_packed.Length - 200_000, diagnosis.PresentLength);
        PartDiagnosis part = Assert.Single(diagnosis.Parts);
        Assert.Equal((3, 0L, 200_000L), (part.Number, part.PresentLength, part.Length));
        Assert.All(diagnosis.Damages, damage => Assert.Equal(_folder["s.mpk.003"], damage.ContainerFile));
        AssertSalvaged(diagnosis);

        // The rest of the downloads comes in.
        _folder.Write("s.mpk.003", third[..70_000]);
        Assert.Equal(70_000, Assert.Single(ModelPacker.Diagnose(_folder["s.mpk"]).Parts).PresentLength);
        _folder.Write("s.mpk.003", third);
        Assert.True(ModelPacker.Diagnose(_folder["s.mpk"]).IsSound);
    }

    [Fact]
    public void One_file_that_is_damaged_does_not_get_its_name()
    {
        ModelPacker.Pack(_folder["F/a.safetensors"], _folder["one.mpk"]);
        byte[] bytes = File.ReadAllBytes(_folder["one.mpk"]);
        bytes[bytes.Length / 2] ^= 1;
        _folder.Write("one.mpk", bytes);

        ContainerDiagnosis diagnosis = ModelPacker.Salvage(_folder["one.mpk"], _folder["one"]);

        Assert.Equal([_folder["one.damaged"]], diagnosis.Written);
        Assert.False(File.Exists(_folder["one"]));
        ContainerDamage damage = Assert.Single(diagnosis.Damages);
        byte[] restored = File.ReadAllBytes(_folder["one.damaged"]);
        byte[] expected = [.. First];
        expected.AsSpan((int)damage.Offset, (int)damage.Length).Clear();
        Assert.InRange(restored.Length, diagnosis.Files[0].SoundLength, expected.Length);
        Assert.Equal(expected[..restored.Length], restored);
    }

    [Fact]
    public void The_error_of_unpack_names_what_is_lost()
    {
        byte[] bytes = [.. _packed];
        bytes[ContainerFrames.Offsets(_packed)[3] + 100] ^= 1;
        _folder.Write("d.mpk", bytes);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(_folder["d.mpk"], _folder["back"]));
        Assert.Equal(_folder["d.mpk"], exception.FileName);
        Assert.Matches(@"; lost is block \d+ of 'a\.safetensors', its bytes \d+-\d+ \(tensors [xy].*\); verify lists", exception.Reason);

        _folder.Write("d.mpk", _packed[..(_packed.Length / 2)]);
        exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(_folder["d.mpk"], _folder["back"]));
        Assert.Contains($"; {_packed.Length / 2} bytes are there, with ", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_container_is_refused()
    {
        _folder.Write("noise", SeededPlanes.Make("uniform", 100_000));
        Assert.Equal(ModelPackError.Unsupported, Assert.Throws<ModelPackException>(() => ModelPacker.Diagnose(_folder["noise"])).Error);
        _folder.Write("empty", []);
        Assert.Throws<ModelPackException>(() => ModelPacker.Diagnose(_folder["empty"]));
    }

    private void AssertSalvaged(ContainerDiagnosis diagnosis)
    {
        foreach (FileDiagnosis file in diagnosis.Files)
        {
            byte[] original = File.ReadAllBytes(_folder["F/" + file.Path]);
            string path = _folder["back/" + file.Path];
            Assert.Equal(file.IsComplete, File.Exists(path));
            Assert.Equal(!file.IsComplete && file.SoundLength > 0, File.Exists(path + ".damaged"));
            if (file.IsComplete)
            {
                Assert.True(original.AsSpan().SequenceEqual(File.ReadAllBytes(path)));
            }
            else if (file.SoundLength > 0)
            {
                byte[] restored = File.ReadAllBytes(path + ".damaged");
                long equal = restored.Index().LongCount(entry => entry.Item == original[entry.Index]);
                Assert.InRange(restored.Length, file.SoundLength, original.Length);
                Assert.InRange(equal, file.SoundLength, original.Length);
            }
        }
    }
}
