using System.Buffers.Binary;
using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class GenerateLargeCommandTests
{
    // Two matrices, a matrix with part of its rows, and a tail of 5 values.
    private const int Size = (4096 * (4096 + 1024 + 3) * 2) + 10;

    private static readonly Lazy<SafetensorsFile> Large = new(() => Generate(Size));

    [Fact]
    public void Weights_look_trained()
    {
        SafetensorsFile file = Large.Value;
        byte[] data = file["model.layers.0.self_attn.q_proj.weight"].Data;
        long[] exponents = new long[256], mantissas = new long[128];
        for (int i = 0; i < data.Length; i += 2)
        {
            ushort value = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(i));
            exponents[(value >> 7) & 0xFF]++;
            mantissas[value & 0x7F]++;
        }

        // Trained BF16 models measure 2.4 to 3.2 bits and 6.97 bits.
        Assert.InRange(Entropy(exponents), 2.4, 3.2);
        Assert.InRange(Entropy(mantissas), 6.9, 7.0);
    }

    [Fact]
    public void Tensors_add_up_to_the_bytes_asked_for()
    {
        SafetensorsFile file = Large.Value;
        Assert.Equal(Size, file.DataLength);
        Assert.Equal(4, file.Names.Count);
        Assert.Equal([3, 4096], file["model.layers.0.self_attn.v_proj.weight"].Shape);
        Assert.Equal([5], file["model.norm.weight"].Shape);
    }

    [Fact]
    public void Nothing_repeats()
    {
        SafetensorsFile file = Large.Value;
        var seen = new HashSet<ulong>();
        byte[][] tensors = [.. file.Names.Select(name => file[name].Data)];
        int words = 0;
        foreach (byte[] data in tensors)
        {
            for (int i = 0; i + 16 <= Math.Min(data.Length, 4 << 20); i += 16)
            {
                seen.Add(BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(i)) ^ (BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(i + 8)) * 0x9E37_79B9_7F4A_7C15));
                words++;
            }
        }

        Assert.Equal(words, seen.Count);
    }

    [Fact]
    public void The_same_size_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        GenerateLargeCommand.Generate(folder.PathOf("a"), 100_000, CancellationToken.None);
        GenerateLargeCommand.Generate(folder.PathOf("b"), 100_000, CancellationToken.None);
        Assert.Equal(File.ReadAllBytes(folder.PathOf("a")), File.ReadAllBytes(folder.PathOf("b")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(8192)]
    public void Small_sizes_work(int bytes) => Assert.Equal(bytes, Generate(bytes).DataLength);

    [Theory]
    [InlineData(-2)]
    [InlineData(3)]
    public void Half_a_value_is_refused(int bytes) => Assert.Throws<ModelPackException>(() => Generate(bytes));

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => GenerateLargeCommand.Generate(folder.PathOf("a"), 1 << 20, new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
    }

    private static SafetensorsFile Generate(long bytes)
    {
        using var folder = new TemporaryFolder();
        GenerateLargeCommand.Generate(folder.PathOf("large"), bytes, CancellationToken.None);
        return new SafetensorsFile(File.ReadAllBytes(folder.PathOf("large")));
    }

    private static double Entropy(long[] counts)
    {
        double total = counts.Sum();
        return -counts.Where(count => count > 0).Sum(count => count / total * Math.Log2(count / total));
    }
}
