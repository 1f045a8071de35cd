using System.Text;
using Google.Protobuf;
using ModelPack.Formats.Onnx;
using ModelPack.Primitives;
using static ModelPack.Tests.Formats.Onnx.WireBytes;

namespace ModelPack.Tests.Formats.Onnx;

public sealed class OnnxRecognitionTests
{
    [Theory]
    [InlineData("model.onnx")]
    [InlineData("folder/MODEL.ONNX")]
    public void The_extension_is_enough(string name) => Assert.True(Recognises([1, 2, 3], name));

    [Fact]
    public void A_model_without_extension_is_recognised_by_its_first_fields()
    {
        Assert.True(Recognises(OnnxTensorTests.Model().ToByteArray(), "model"));
        Assert.True(Recognises(Concat(Number(1, 3), Number(5, 1)), "model"));
        Assert.True(Recognises(Concat(Number(1, 14), Bytes(7)), "model"));
    }

    [Fact]
    public void Other_files_are_not()
    {
        string[] texts = ["", "\b", "{\"a\":1}", "hello world", "\b\b\b\b", "<html>", "\n\n\n", "PK\u0003\u0004"];
        Assert.All(texts, text => Assert.False(Recognises(Encoding.UTF8.GetBytes(text), "file.txt")));
        Assert.False(Recognises(Number(1, 8), "ends behind the version"));
        Assert.False(Recognises(Concat(Number(1, 0), Bytes(7)), "version 0"));
        Assert.False(Recognises(Concat(Number(1, 100), Bytes(7)), "version 100"));
        Assert.False(Recognises(Concat(Number(1, 8), Bytes(9)), "no such field"));
        Assert.False(Recognises(Concat(Number(1, 8), [0x3A, 0x7F, 0]), "longer than the file"));
    }

    [Fact]
    public void Random_bytes_are_not()
    {
        var random = new Random(20);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            Assert.False(Recognises(bytes, "random"));
        }
    }

    [Fact]
    public void Only_the_first_bytes_are_read()
    {
        using var source = new HeadOnlySource(Number(1, 8));
        Assert.False(OnnxReader.Instance.Recognises(source));
    }

    private static bool Recognises(byte[] file, string name)
    {
        using var source = ByteSource.FromMemory(file, name);
        return OnnxReader.Instance.Recognises(source);
    }

    // A large file of zeros behind a given start.
    private sealed class HeadOnlySource(byte[] start) : ByteSource
    {
        public override string Name => "head";

        public override long Length => 1L << 40;

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            Assert.InRange(offset + destination.Length, 0, 4096);
            destination.Clear();
            start.AsSpan((int)offset).CopyTo(destination);
        }
    }
}
