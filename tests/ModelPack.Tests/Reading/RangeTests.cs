using ModelPack.Tests.Support;

namespace ModelPack.Tests.Reading;

/// <summary>Any range of a file and any part of a tensor can be read, by as many threads as wanted, and costs only what it must.</summary>
public sealed class RangeTests : IDisposable
{
    private readonly ReadingModels _models = new();

    public static TheoryData<string, int> KindsAndThreads
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string kind in ReadingModels.Kinds)
            {
                data.Add(kind, 1);
                data.Add(kind, 4);
            }

            return data;
        }
    }

    public void Dispose() => _models.Dispose();

    [Theory]
    [MemberData(nameof(KindsAndThreads))]
    public void Any_range_of_a_file_is_what_it_was(string kind, int threads)
    {
        using PackedModel model = _models.Open(kind, out byte[] original, new OpenOptions { Threads = threads });
        PackedFile file = Assert.Single(model.Files);
        byte[] all = new byte[original.Length];
        model.ReadRange(file, 0, all);
        Assert.Equal(original, all);

        var random = new Random(1);
        byte[] buffer = new byte[original.Length];
        for (int i = 0; i < 300; i++)
        {
            int length = (int)Math.Min(original.Length, Math.Exp(random.NextDouble() * Math.Log(original.Length)));
            int offset = random.Next(original.Length - length + 1);
            buffer.AsSpan().Fill(0xA5);
            model.ReadRange(file, offset, buffer.AsSpan(1, length));
            Assert.True(original.AsSpan(offset, length).SequenceEqual(buffer.AsSpan(1, length)), $"{length} bytes from {offset}");
            Assert.Equal(0xA5, buffer[0]);
            Assert.True(length + 1 >= buffer.Length || buffer[length + 1] == 0xA5, $"behind {length} bytes from {offset}");
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndThreads))]
    public void Every_tensor_is_what_it_was_whole_and_in_parts(string kind, int threads)
    {
        using PackedModel model = _models.Open(kind, out byte[] original, new OpenOptions { Threads = threads });
        int offset = 8 + (int)BitConverter.ToUInt64(original);
        var random = new Random(2);
        foreach (PackedTensor tensor in model.Tensors)
        {
            byte[] bytes = new byte[tensor.Length];
            model.ReadTensor(tensor.Info.Name, bytes);
            ReadOnlySpan<byte> expected = original.AsSpan(offset, bytes.Length);
            Assert.True(expected.SequenceEqual(bytes), tensor.Info.Name);
            int start = random.Next(bytes.Length);
            byte[] part = new byte[random.Next(bytes.Length - start)];
            model.ReadTensorRange(tensor, start, part);
            Assert.True(expected.Slice(start, part.Length).SequenceEqual(part), $"{part.Length} bytes from {start} of {tensor.Info.Name}");
            offset += bytes.Length;
        }

        Assert.Equal(original.Length, offset);
    }

    [Fact]
    public void A_tensor_of_many_ranges_is_read_in_parts()
    {
        using PackedModel model = ReadingModels.OpenVarints(out byte[] original);
        PackedTensor tensor = Assert.Single(model.Tensors);
        byte[] bytes = new byte[tensor.Length];
        model.ReadTensor(tensor, bytes);
        Assert.Equal([.. Enumerable.Range(0, 90).Select(static i => (byte)i)], bytes);
        for (int start = 0; start <= bytes.Length; start++)
        {
            for (int length = 0; length <= bytes.Length - start; length += 7)
            {
                byte[] part = new byte[length];
                model.ReadTensorRange(tensor, start, part);
                Assert.Equal(bytes[start..(start + length)], part);
            }
        }

        byte[] all = new byte[original.Length];
        model.ReadRange(model.Files[0], 0, all);
        Assert.Equal(original, all);
    }

    [Fact]
    public void Containers_in_streams_and_in_memory_are_read_alike()
    {
        byte[] original = ReadingModels.Original;
        byte[] packed = Packing.Pack(original);
        var stream = new MemoryStream([1, 2, 3, .. packed]) { Position = 3 };
        using (PackedModel model = PackedModel.Open(stream, new OpenOptions { Threads = 4 }, leaveOpen: true))
        {
            Assert.Equal(packed.Length, model.PackedLength);
            byte[] all = new byte[original.Length];
            model.ReadRange(model.Files[0], 0, all);
            Assert.Equal(original, all);
        }

        Assert.True(stream.CanRead);
        PackedModel.Open(new MemoryStream(packed)).Dispose();
        using (PackedModel model = PackedModel.Open(packed.AsMemory()))
        {
            byte[] all = new byte[original.Length];
            model.ReadRange(model.Files[0], 0, all);
            Assert.Equal(original, all);
        }

        Assert.Throws<ArgumentException>(() => PackedModel.Open(new ForwardStream(packed)));
        var closed = new MemoryStream(packed[..^1]);
        Assert.Throws<ModelPackException>(() => PackedModel.Open(closed));
        Assert.False(closed.CanRead);
    }

    [Fact]
    public void Small_tensors_one_by_one_decode_each_block_once()
    {
        using PackedModel model = _models.Open("plain", out _);
        PackedTensor[] small = [.. model.Tensors.Where(static tensor => tensor.Info.Name.StartsWith("small", StringComparison.Ordinal))];
        foreach (PackedTensor tensor in small)
        {
            model.ReadTensor(tensor, new byte[tensor.Length]);
        }

        // They have 240,000 bytes and share blocks of at most 256 KiB.
        Assert.InRange(model.DecodedBlocks, 1, 3);
    }

    [Fact]
    public void A_small_range_decodes_one_block_and_a_whole_file_each_block_once()
    {
        using PackedModel model = _models.Open("plain", out byte[] original);
        PackedFile file = model.Files[0];
        model.ReadRange(file, original.Length - 100, new byte[50]);
        Assert.Equal(1, model.DecodedBlocks);
        model.ReadRange(file, 0, new byte[original.Length]);
        Assert.Equal(1 + file.BlockCount, model.DecodedBlocks);
        model.ReadRange(file, 5, []);
        Assert.Equal(1 + file.BlockCount, model.DecodedBlocks);
    }

    [Fact]
    public void Without_room_nothing_is_kept()
    {
        using PackedModel model = _models.Open("plain", out byte[] original, new OpenOptions { CacheLength = 0 });
        byte[] buffer = new byte[50];
        for (int i = 1; i <= 4; i++)
        {
            model.ReadRange(model.Files[0], original.Length - 100, buffer);
            Assert.Equal(i, model.DecodedBlocks);
        }
    }

    [Fact]
    public void What_is_kept_is_bounded_and_used_last()
    {
        // A block of BF16 has about 256 KiB, for which a buffer has up to 512: room for two, and not for three.
        using PackedModel model = _models.Open("plain", out _, new OpenOptions { CacheLength = 1 << 20 });
        PackedTensor embed = model.FindTensor("embed");
        long[] expected = [1, 2, 2, 3, 3, 4, 4];
        int[] places = [0, 1, 0, 2, 0, 1, 0];
        long[] decoded =
        [
            .. places.Select(place =>
            {
                model.ReadTensorRange(embed, (place * 300_000L) + 10, new byte[9]);
                return model.DecodedBlocks;
            }),
        ];
        Assert.Equal(expected, decoded);
    }

    [Fact]
    public async Task Asynchronous_reads_give_the_same()
    {
        using PackedModel model = await PackedModel.OpenAsync(new MemoryStream(Packing.Pack(ReadingModels.Original)));
        PackedTensor tensor = model.FindTensor("layer");
        byte[] expected = new byte[tensor.Length];
        model.ReadTensor(tensor, expected);
        byte[] bytes = new byte[tensor.Length];
        await model.ReadTensorAsync(tensor, bytes);
        Assert.Equal(expected, bytes);
        bytes = new byte[tensor.Length];
        await model.ReadTensorAsync("layer", bytes);
        Assert.Equal(expected, bytes);
        bytes = new byte[1000];
        await model.ReadTensorRangeAsync(tensor, 77, bytes);
        Assert.Equal(expected[77..1077], bytes);
        await model.ReadRangeAsync(model.Files[0], 99, bytes);
        Assert.Equal(ReadingModels.Original[99..1099], bytes);

        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.ReadTensorAsync(tensor, expected, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => model.ReadTensor(tensor, bytes = new byte[tensor.Length], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PackedModel.OpenAsync("absent", cancellationToken: cancelled));
        await Assert.ThrowsAsync<FileNotFoundException>(() => PackedModel.OpenAsync("/absent.mpk"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_damaged_block_is_named_and_the_others_can_be_read(int threads)
    {
        byte[] packed = Packing.Pack(ReadingModels.Original);
        List<int> offsets = ContainerFrames.Offsets(packed);
        int damaged = offsets[5];
        packed[damaged + ContainerFrames.HeaderLength + 1000] ^= 4;
        using PackedModel model = PackedModel.Open(packed.AsMemory(), new OpenOptions { Threads = threads });
        byte[] all = new byte[ReadingModels.Original.Length];
        for (int attempt = 0; attempt < 3; attempt++)
        {
            ModelPackException exception = Assert.Throws<ModelPackException>(() => model.ReadRange(model.Files[0], 0, all));
            Assert.Equal(ModelPackError.Corrupt, exception.Error);
            Assert.Equal("(memory)", exception.FileName);
            Assert.InRange(exception.Offset ?? 0, damaged, offsets[6]);
            exception = Assert.Throws<ModelPackException>(() => model.ReadTensorRange(model.FindTensor("embed"), 1_000_000, all.AsSpan(0, 10)));
            Assert.InRange(exception.Offset ?? 0, damaged, offsets[6]);
        }

        byte[] layer = new byte[400 * 512 * 4];
        model.ReadTensor("layer", layer);
        Assert.Equal(SmallModels.Float32Weights(400 * 512, 2), layer);
    }

    [Fact]
    public void Requests_that_cannot_be_met_are_refused()
    {
        using PackedModel model = _models.Open("plain", out byte[] original);
        PackedFile file = model.Files[0];
        PackedTensor tensor = model.FindTensor("ids");
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ReadRange(file, -1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ReadRange(file, original.Length, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ReadRange(file, long.MaxValue, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ReadTensorRange(tensor, tensor.Length - 1, new byte[2]));
        Assert.Throws<ArgumentException>(() => model.ReadTensor(tensor, new byte[tensor.Length + 1]));
        Assert.Throws<ArgumentException>(() => model.ReadTensor(tensor with { File = "other" }, new byte[tensor.Length]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedModel.Open(new byte[72], new OpenOptions { Threads = -1 }));

        PackedModel other = PackedModel.Open(Packing.Pack(original).AsMemory());
        Assert.Throws<ArgumentException>(() => other.ReadTensor(tensor, new byte[tensor.Length]));
        Assert.Throws<ArgumentException>(() => other.ReadRange(file, 0, new byte[1]));
        tensor = other.FindTensor("ids");
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.ReadTensor(tensor, new byte[tensor.Length]));
        Assert.Throws<ObjectDisposedException>(() => other.ReadRange(other.Files[0], 0, new byte[1]));
    }

    [Fact]
    public void Threads_may_read_at_once()
    {
        using PackedModel model = _models.Open("repeats", out byte[] original, new OpenOptions { Threads = 2, CacheLength = 300_000 });
        PackedFile file = model.Files[0];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 20; i++)
            {
                byte[] buffer = new byte[random.Next(i == 0 ? original.Length : 5000)];
                int offset = random.Next(original.Length - buffer.Length + 1);
                model.ReadRange(file, offset, buffer);
                Assert.True(original.AsSpan(offset, buffer.Length).SequenceEqual(buffer));
            }
        });
    }
}
