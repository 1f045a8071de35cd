using System.Text.Json;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Reading;

/// <summary>The stream of a packed file does whatever a stream over the original does.</summary>
public sealed class ModelPackStreamTests : IDisposable
{
    private readonly ReadingModels _models = new();

    public static TheoryData<string> Kinds => [.. ReadingModels.Kinds];

    public void Dispose() => _models.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task It_reads_and_seeks_as_one_over_the_original(string kind)
    {
        using PackedModel model = _models.Open(kind, out byte[] original, new OpenOptions { Threads = 3 });
        await using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        await CompareAsync(new MemoryStream(original, writable: false), stream, seed: 1);
    }

    [Fact]
    public async Task One_of_a_tensor_reads_and_seeks_as_one_over_its_bytes()
    {
        using PackedModel model = _models.Open("plain", out _);
        foreach (string name in new[] { "embed", "small.17", "noise" })
        {
            PackedTensor tensor = model.FindTensor(name);
            byte[] bytes = new byte[tensor.Length];
            model.ReadTensor(tensor, bytes);
            await using ModelPackStream stream = model.OpenTensorStream(tensor);
            await CompareAsync(new MemoryStream(bytes, writable: false), stream, seed: 2);
        }
    }

    [Fact]
    public async Task One_of_a_tensor_in_many_ranges_reads_and_seeks_as_one_over_its_bytes()
    {
        using PackedModel model = ReadingModels.OpenVarints(out _);
        await using ModelPackStream stream = model.OpenTensorStream(model.FindTensor("w"));
        await CompareAsync(new MemoryStream([.. Enumerable.Range(0, 90).Select(static i => (byte)i)], writable: false), stream, seed: 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8 << 10)]
    [InlineData(100_000)]
    [InlineData(3 << 20)]
    public void Reading_on_decodes_each_block_once(int step)
    {
        using PackedModel model = _models.Open("repeats", out byte[] original, new OpenOptions { CacheLength = 0 });
        using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        byte[] all = new byte[original.Length];
        int filled = 0;
        for (int read; (read = stream.Read(all, filled, Math.Min(step, all.Length - filled))) > 0;)
        {
            filled += read;
        }

        Assert.Equal(original, all);

        // A step may end inside a block that the one before held and the next one takes as a whole, but not twice.
        Assert.Equal(model.Files[0].BlockCount, model.DecodedBlocks);
    }

    [Fact]
    public void A_jump_decodes_what_it_lands_in()
    {
        using PackedModel model = _models.Open("plain", out byte[] original);
        using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        foreach (int place in new[] { original.Length - 9, 1_000_000, original.Length - 100, 1_000_100 })
        {
            stream.Position = place;
            Assert.Equal(original[place], stream.ReadByte());
        }

        Assert.Equal(2, model.DecodedBlocks);
    }

    [Fact]
    public void Other_readers_work_on_it()
    {
        using PackedModel safetensors = _models.Open("plain", out byte[] original);
        using ModelPackStream stream = safetensors.OpenFileStream(safetensors.Files[0]);
        using var reader = new BinaryReader(stream);
        byte[] header = reader.ReadBytes((int)reader.ReadUInt64());
        using var json = JsonDocument.Parse(header);
        long start = json.RootElement.GetProperty("noise").GetProperty("data_offsets")[0].GetInt64();
        stream.Seek(8 + header.Length + start, SeekOrigin.Begin);
        Assert.Equal(SeededPlanes.Make("uniform", 300_001), reader.ReadBytes(1_000_000));

        byte[] model = File.ReadAllBytes(Repository.PathOf("testmodels/conv_f16.onnx"));
        using PackedModel onnx = PackedModel.Open(Packing.Pack(model, "conv_f16.onnx").AsMemory());
        using ModelPackStream onnxStream = onnx.OpenFileStream(onnx.Files[0]);
        Assert.Equal(Formats.Onnx.Wire.ModelProto.Parser.ParseFrom(model), Formats.Onnx.Wire.ModelProto.Parser.ParseFrom(onnxStream));
        Assert.Equal(original.Length, stream.Length);
    }

    [Fact]
    public void Streams_of_one_model_may_be_read_at_once()
    {
        foreach (string kind in new[] { "repeats", "base" })
        {
            using PackedModel model = _models.Open(kind, out byte[] original, new OpenOptions { CacheLength = 1 << 19, Threads = 2 });
            Parallel.For(0, 48, new ParallelOptions { MaxDegreeOfParallelism = 12 }, seed =>
            {
                var random = new Random(seed);
                using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
                byte[] buffer = new byte[20_000];
                for (int i = 0; i < 40; i++)
                {
                    if (i % 8 == 0)
                    {
                        stream.Position = random.Next(original.Length);
                    }

                    int position = (int)stream.Position;
                    int read = stream.Read(buffer, 0, random.Next(buffer.Length));
                    Assert.True(original.AsSpan(position, read).SequenceEqual(buffer.AsSpan(0, read)), $"{kind} at {position}");
                }
            });
        }
    }

    [Fact]
    public void It_keeps_the_contract_of_a_stream()
    {
        using PackedModel model = _models.Open("plain", out byte[] original);
        ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        Assert.True(stream is { CanRead: true, CanSeek: true, CanWrite: false, CanTimeout: false });
        Assert.Equal(0, stream.Read([]));
        Assert.Equal(0, stream.Read(new byte[5], 5, 0));
        Assert.Equal(0, model.DecodedBlocks);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<IOException>(() => stream.Seek(-original.Length - 1L, SeekOrigin.End));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Seek(long.MaxValue, SeekOrigin.End));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Seek(0, (SeekOrigin)3));
        Assert.Throws<ArgumentNullException>(() => stream.Read(null!, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(new byte[5], 3, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(new byte[5], -1, 3));
        Assert.Equal(0, stream.Position);
        Assert.Equal(long.MaxValue, stream.Seek(long.MaxValue, SeekOrigin.Begin));
        Assert.Equal(0, stream.Read(new byte[5]));
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(long.MaxValue, stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.Throws<NotSupportedException>(() => stream.Write(new byte[1]));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        stream.Flush();

        stream.Dispose();
        stream.Dispose();
        Assert.True(stream is { CanRead: false, CanSeek: false, CanWrite: false });
        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.Throws<ObjectDisposedException>(() => stream.CopyTo(Stream.Null));

        // The model lives on, until its own end takes the streams with it.
        stream = model.OpenFileStream(model.Files[0]);
        Assert.Equal(original[0], stream.ReadByte());
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => model.OpenFileStream(model.Files[0]));
    }

    [Fact]
    public async Task Cancelled_reads_are_not_begun()
    {
        using PackedModel model = _models.Open("plain", out byte[] original);
        await using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[5].AsMemory(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.CopyToAsync(Stream.Null, cancelled));
        Assert.Equal(0, stream.Position);
        Assert.Equal(0, model.DecodedBlocks);
        byte[] first = new byte[5];
        Assert.Equal(5, await stream.ReadAsync(first));
        Assert.Equal(original[..5], first);
    }

    [Fact]
    public void A_damaged_block_stops_it_where_it_is()
    {
        byte[] packed = Packing.Pack(ReadingModels.Original);
        List<int> offsets = ContainerFrames.Offsets(packed);
        packed[offsets[5] + ContainerFrames.HeaderLength + 1000] ^= 4;
        using PackedModel model = PackedModel.Open(packed.AsMemory());
        using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        byte[] buffer = new byte[8192];
        ModelPackException exception = Assert.Throws<ModelPackException>(() =>
        {
            while (stream.Read(buffer) > 0)
            {
            }
        });
        Assert.InRange(exception.Offset ?? 0, offsets[5], offsets[6]);
        long position = stream.Position;
        Assert.InRange(position, 8192, 2_000_000);
        Assert.Throws<ModelPackException>(() => stream.ReadExactly(buffer));
        Assert.Equal(position, stream.Position);

        stream.Position = ReadingModels.Original.Length - 100;
        Assert.Equal(100, stream.Read(buffer));
        Assert.Equal(ReadingModels.Original[^100..], buffer[..100]);
    }

    [Fact]
    public void It_opens_by_path_and_closes_its_container()
    {
        using var folder = new TemporaryFolder();
        byte[] notes = SeededPlanes.Make("text", 5000);
        folder.Write("m/a.safetensors", SmallModels.Mixed());
        folder.Write("m/b/notes.txt", notes);
        folder.Write("m/empty", []);
        ModelPacker.Pack(folder["m"], folder["m.mpk"]);
        ModelPacker.Pack(folder["m/a.safetensors"], folder["a.mpk"]);
        using (var stream = ModelPackStream.Open(folder["a.mpk"]))
        using (var copy = new MemoryStream())
        {
            stream.CopyTo(copy);
            Assert.Equal(SmallModels.Mixed(), copy.ToArray());
        }

        using (var stream = ModelPackStream.Open(folder["m.mpk"], "b/notes.txt"))
        {
            Assert.Equal(notes, new BinaryReader(stream).ReadBytes(6000));
        }

        using (var stream = ModelPackStream.Open(folder["m.mpk"], "empty"))
        {
            Assert.Equal((0, -1), (stream.Length, stream.ReadByte()));
        }

        Assert.Contains("3 files", Assert.Throws<ModelPackException>(() => ModelPackStream.Open(folder["m.mpk"])).Message, StringComparison.Ordinal);
        Assert.Throws<ModelPackException>(() => ModelPackStream.Open(folder["m.mpk"], "c"));

        // Nothing is open any more: on systems that refuse it, writing would fail.
        using var exclusive = new FileStream(folder["m.mpk"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Does the same with both, in every way there is to read and seek.</summary>
    private static async Task CompareAsync(MemoryStream expected, ModelPackStream actual, int seed)
    {
        Assert.Equal(expected.Length, actual.Length);
        var random = new Random(seed);
        for (int i = 0; i < 400; i++)
        {
            int most = random.Next(20) == 0 ? (int)expected.Length + 50 : (int)Math.Min(expected.Length, 30_000);
            byte[] left = new byte[random.Next(most + 1)];
            byte[] right = new byte[left.Length];
            int start = random.Next(left.Length + 1);
            switch (random.Next(9))
            {
                case 0:
                    expected.Position = actual.Position = random.Next((int)expected.Length + 100);
                    break;
                case 1:
                    int back = -random.Next((int)expected.Position + 1);
                    Assert.Equal(expected.Seek(back, SeekOrigin.Current), actual.Seek(back, SeekOrigin.Current));
                    break;
                case 2:
                    int fromEnd = -random.Next((int)expected.Length + 1);
                    Assert.Equal(expected.Seek(fromEnd, SeekOrigin.End), actual.Seek(fromEnd, SeekOrigin.End));
                    break;
                case 3:
                    Assert.Equal(expected.Read(left), actual.Read(right));
                    break;
                case 4:
                    Assert.Equal(expected.Read(left, start, left.Length - start), actual.Read(right, start, right.Length - start));
                    break;
                case 5:
                    Assert.Equal(expected.ReadByte(), actual.ReadByte());
                    break;
                case 6:
                    Assert.Equal(await expected.ReadAsync(left.AsMemory()), await actual.ReadAsync(right.AsMemory()));
                    break;
                case 7:
#pragma warning disable CA1835 // The overload for arrays is what is tried here.
                    Assert.Equal(
                        await expected.ReadAsync(left, start, left.Length - start, CancellationToken.None),
                        await actual.ReadAsync(right, start, right.Length - start, CancellationToken.None));
#pragma warning restore CA1835
                    break;
                default:
                    if (random.Next(10) == 0)
                    {
                        using var leftCopy = new MemoryStream();
                        using var rightCopy = new MemoryStream();
                        expected.CopyTo(leftCopy);
                        if (random.Next(2) == 0)
                        {
                            actual.CopyTo(rightCopy);
                        }
                        else
                        {
                            await actual.CopyToAsync(rightCopy);
                        }

                        left = leftCopy.ToArray();
                        right = rightCopy.ToArray();
                    }

                    break;
            }

            Assert.Equal(expected.Position, actual.Position);
            Assert.True(left.AsSpan().SequenceEqual(right), $"operation {i}, up to {expected.Position}");
        }
    }
}
