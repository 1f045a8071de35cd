using System.Text;
using ModelPack.Formats;
using ModelPack.Primitives;

namespace ModelPack.Tests.Formats;

public sealed class FormatDetectorTests
{
    private const string Sound = "4\0\0\0\0\0\0\0{\"t\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}!";

    // The number at offset 22 is no dtype.
    private const string Broken = "\x10\0\0\0\0\0\0\0{\"t\":{\"dtype\":1}";

    [Theory]
    [InlineData("model.safetensors", false)]
    [InlineData("model.safetensors", true)]
    [InlineData("-", true)]
    [InlineData("renamed.bin", true)]
    public void Safetensors_is_found_by_name_or_content(string name, bool strict)
    {
        DetectedFormat found = Detect(name, Sound, strict);

        Assert.Null(found.Warning);
        Assert.Equal(ModelFormat.Safetensors, found.Map.Format);
        Assert.Equal("t", Assert.Single(found.Map.Tensors).Name);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("-")]
    public void Unsound_file_is_opaque_with_the_reason(string name)
    {
        DetectedFormat found = Detect(name, Broken, strict: false);

        AssertOpaque(found.Map, Broken.Length);
        Assert.Contains("dtype has Number where String is allowed", found.Warning!.Reason, StringComparison.Ordinal);
        Assert.Equal(22, found.Warning.Offset);
    }

    [Fact]
    public void Unsound_file_is_refused_if_strict()
    {
        ModelPackException refusal = Assert.Throws<ModelPackException>(() => Detect("dir/model.safetensors", Broken, strict: true));

        Assert.Equal(ModelPackError.Corrupt, refusal.Error);
        Assert.Equal("dir/model.safetensors", refusal.FileName);
        Assert.Equal(22, refusal.Offset);
        Assert.StartsWith("dir/model.safetensors: at offset 22: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_file_named_safetensors_is_opaque_with_a_warning()
    {
        DetectedFormat found = Detect("model.safetensors", "", strict: false);

        Assert.Empty(found.Map.Segments);
        Assert.Equal(0, found.Warning!.Offset);
    }

    [Theory]
    [InlineData("config.json", "{\"metadata\":{}}")]
    [InlineData("model.safetensors.index.json", "{\"metadata\":{}}")]
    [InlineData("tokenizer.model", "\x0A\x0E\x0A\x05<unk>")]
    [InlineData("empty", "")]
    [InlineData("-", "text")]
    public void Other_files_are_opaque_without_a_word(string name, string content)
    {
        DetectedFormat found = Detect(name, content, strict: true);

        AssertOpaque(found.Map, content.Length);
        Assert.Null(found.Warning);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("MODEL.ONNX")]
    [InlineData("model.safetensors")]
    public void Model_that_no_reader_recognises_is_opaque_with_a_warning(string name)
    {
        DetectedFormat found = Detect(name, "version https", strict: false, new StubReader(recognises: false));

        AssertOpaque(found.Map, 13);
        Assert.NotNull(found.Warning);
        Assert.Null(found.Warning.Offset);

        ModelPackException refusal = Assert.Throws<ModelPackException>(() => Detect(name, "version https", strict: true, new StubReader(recognises: false)));
        Assert.Equal((ModelPackError.Unsupported, name), (refusal.Error, refusal.FileName));
    }

    [Fact]
    public void First_reader_that_recognises_the_file_reads_it()
    {
        var first = new StubReader(recognises: false);
        var second = new StubReader(recognises: true);
        var third = new StubReader(recognises: true);

        DetectedFormat found = Detect("-", "any", strict: true, first, second, third);

        Assert.Equal((0, 1, 0), (first.Reads, second.Reads, third.Reads));
        Assert.Equal(ModelFormat.Onnx, found.Map.Format);
    }

    [Fact]
    public void Only_a_finding_about_the_file_becomes_a_warning()
    {
        Assert.Throws<EndOfStreamException>(() => Detect("-", "any", strict: false, new StubReader(true, new EndOfStreamException())));
        Assert.Throws<OperationCanceledException>(() => Detect("-", "any", strict: false, new StubReader(true, new OperationCanceledException())));
    }

    private static DetectedFormat Detect(string name, string content, bool strict, params IFormatReader[] readers)
    {
        using ByteSource source = ByteSource.FromMemory(Encoding.Latin1.GetBytes(content), name);
        return FormatDetector.Detect(source, readers.Length == 0 ? FormatDetector.Readers : [.. readers], strict, CancellationToken.None);
    }

    private static void AssertOpaque(SegmentMap map, int length)
    {
        Assert.Equal(ModelFormat.Opaque, map.Format);
        Assert.Equal(length, map.FileLength);
        Assert.Empty(map.Tensors);
    }

    private sealed class StubReader(bool recognises, Exception? failure = null) : IFormatReader
    {
        public int Reads { get; private set; }

        public ModelFormat Format => ModelFormat.Onnx;

        public bool Recognises(ByteSource source) => recognises;

        public SegmentMap Read(ByteSource source, CancellationToken cancellationToken)
        {
            Reads++;
            return failure is null ? new SegmentMap.Builder(ModelFormat.Onnx, source.Length).Build() : throw failure;
        }
    }
}
