using System.Security.Cryptography;
using System.Text.Json;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.RealModels;

public sealed class RealModelTests
{
    public static TheoryData<string, string> Models
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string file, string sha256) in Repository.Models("fetched").Concat(Repository.Models("derived")))
            {
                data.Add(file, sha256);
            }

            return data;
        }
    }

    [FetchedModelsTheory]
    [MemberData(nameof(Models))]
    public void Every_real_model_comes_back_with_its_published_hash(string file, string sha256)
    {
        using var folder = new TemporaryFolder();
        PackResult packed = ModelPacker.Pack(FetchedModels.PathOf(file), folder["m.mpk"], new PackOptions { Sha256 = true, Strict = true });
        Assert.Equal(sha256, packed.Files[0].Sha256);
        Assert.True(packed.Files[0].TensorCount > 10);
        Assert.True(packed.PackedLength < packed.OriginalLength);

        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        using FileStream restored = File.OpenRead(folder["back"]);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(restored)));
    }

    [FetchedModelsTheory]
    [MemberData(nameof(Models))]
    public void Every_real_model_has_its_published_hash_as_a_stream(string file, string sha256)
    {
        using var folder = new TemporaryFolder();
        ModelPacker.Pack(FetchedModels.PathOf(file), folder["m.mpk"], new PackOptions { Level = PackLevel.Fast });
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);
        using ModelPackStream stream = model.OpenFileStream(model.Files[0]);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(stream)));
        Assert.Equal(model.Files[0].BlockCount, model.DecodedBlocks);

        if (!file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            return;
        }

        // Each tensor by name, where the header of the original has it.
        byte[] original = File.ReadAllBytes(FetchedModels.PathOf(file));
        int start = 8 + (int)BitConverter.ToUInt64(original);
        using var header = JsonDocument.Parse(original.AsMemory(8, start - 8));
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(static entry => entry.Name != "__metadata__"))
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            byte[] bytes = new byte[offsets[1].GetInt32() - offsets[0].GetInt32()];
            model.ReadTensor(entry.Name, bytes);
            Assert.True(original.AsSpan(start + offsets[0].GetInt32(), bytes.Length).SequenceEqual(bytes), entry.Name);
        }
    }

    // Order-0 entropy of the exponents per block, plus the other bits stored, plus headers.
    [FetchedModelsTheory]
    [InlineData("isnet_medium_bf16.safetensors", 0.685)]
    [InlineData("isnet_medium.onnx", 0.87)]
    [InlineData("isnet_medium_f16.safetensors", 0.87)]
    [InlineData("isnet_medium_f32.safetensors", 0.435)]
    [InlineData("silero_vad_v5.onnx", 0.825)]
    [InlineData("silero_vad_v5_f32.safetensors", 0.845)]
    [InlineData("ocr_rec_f32.safetensors", 0.84)]
    public void Packed_size_is_near_the_entropy(string file, double mostRatio) => AssertRatio(file, PackLevel.Default, mostRatio);

    // Entropy in the context of row, column and tile, plus the other bits stored, plus headers.
    [FetchedModelsTheory]
    [InlineData("isnet_small.onnx", PackLevel.Default, 0.662)]
    [InlineData("isnet_small_u8.safetensors", PackLevel.Default, 0.664)]
    [InlineData("isnet_medium_bf16.safetensors", PackLevel.Max, 0.661)]
    [InlineData("ocr_rec_f32.safetensors", PackLevel.Max, 0.832)]
    [InlineData("silero_vad_v5.onnx", PackLevel.Max, 0.82)]
    public void Packed_size_is_near_the_entropy_in_context(string file, PackLevel level, double mostRatio) => AssertRatio(file, level, mostRatio);

    [FetchedModelsTheory]
    [InlineData("isnet_medium_bf16.safetensors")]
    [InlineData("ocr_rec_f16.safetensors")]
    [InlineData("ocr_rec_f32.safetensors")]
    public void Fast_takes_at_most_a_hundredth_more_for_floats(string file) =>
        Assert.InRange(RatioOf(file, PackLevel.Fast), 0.4, 1.01 * RatioOf(file, PackLevel.Default));

    private static void AssertRatio(string file, PackLevel level, double mostRatio) => Assert.InRange(RatioOf(file, level), 0.4, mostRatio);

    private static double RatioOf(string file, PackLevel level)
    {
        using var counted = new CountingStream();
        PackResult packed = ModelPacker.Pack(FetchedModels.PathOf(file), counted, new PackOptions { Level = level });
        Assert.Equal(packed.PackedLength, counted.Length);
        return (double)packed.PackedLength / packed.OriginalLength;
    }

    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
