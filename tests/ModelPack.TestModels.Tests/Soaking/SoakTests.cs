using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Soaking;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Soaking;

/// <summary>A soak of seconds; tools/soak.sh runs one of 20 GB and 20 minutes.</summary>
public sealed class SoakTests : IDisposable
{
    private const long Size = 12_000_000;

    private readonly TemporaryFolder _folder = new();

    public SoakTests() => new LargeFolder(seed: 3).Write(_folder.PathOf("originals"), Size, CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rounds_give_equal_bytes_and_leave_nothing()
    {
        var soak = new Soak(_folder.PathOf("originals"), _folder.FullName);
        for (int round = 0; round < 3; round++)
        {
            SoakRound result = soak.RunRound(readers: 4, TimeSpan.Zero, seed: round, CancellationToken.None);
            Assert.Equal(0, result.Different);
            Assert.True(result.Reads >= 80, $"{result.Reads} reads");
            Assert.InRange(result.PackedBytes, Size / 2, Size * 9 / 10);
        }

        Assert.Equal(["originals"], Directory.GetFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
    }

    [Fact]
    public void Readers_notice_other_bytes()
    {
        ModelPacker.Pack(_folder.PathOf("originals"), _folder.PathOf("c.mpk"));
        foreach (string name in Soak.Files(_folder.PathOf("originals")))
        {
            string path = Path.Combine(_folder.PathOf("originals"), name);
            File.WriteAllBytes(path, [.. File.ReadAllBytes(path).Select(static value => (byte)~value)]);
        }

        (long reads, _, long different) = ConcurrentReaders.Run(_folder.PathOf("c.mpk"), _folder.PathOf("originals"), threads: 2, TimeSpan.Zero, seed: 1);
        Assert.Equal(reads, different);
    }

    [Fact]
    public void The_folder_has_the_size_asked_for_and_all_kinds_and_is_the_same_each_time()
    {
        new LargeFolder(seed: 3).Write(_folder.PathOf("again"), Size, CancellationToken.None);
        string[] names = [.. Soak.Files(_folder.PathOf("originals")).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["config.json", "model-00001-of-00001.safetensors", "model.fp16.safetensors", "model.fp32.safetensors", "model.int8.safetensors", "optimizer/state.bin", "tokenizer.json"],
            names.Select(static name => name.Replace('\\', '/')));
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(_folder.PathOf("originals"), name)), File.ReadAllBytes(Path.Combine(_folder.PathOf("again"), name))));
        Assert.InRange(names.Sum(name => new FileInfo(Path.Combine(_folder.PathOf("originals"), name)).Length), Size * 99 / 100, Size * 101 / 100);
    }

    [Fact]
    public void Another_seed_shares_nothing()
    {
        new LargeFolder(seed: 4).Write(_folder.PathOf("other"), Size, CancellationToken.None);
        foreach (string name in Soak.Files(_folder.PathOf("other")).Where(static name => name != "config.json"))
        {
            byte[] one = File.ReadAllBytes(Path.Combine(_folder.PathOf("originals"), name)), two = File.ReadAllBytes(Path.Combine(_folder.PathOf("other"), name));
            Assert.False(one.AsSpan(one.Length / 2, 64).SequenceEqual(two.AsSpan(two.Length / 2, 64)), name);
        }
    }
}
