using System.Text;
using ModelPack.Container.Parts;

namespace ModelPack.Tests.Container.Parts;

public sealed class PartManifestTests
{
    private static readonly string Digest = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    private static readonly PartManifest Manifest = new("a b.mpk", 250_000, 100_000, [new(1, Digest), new(0x1234_5678_9ABC_DEF0, Digest), new(3, Digest)]);

    [Fact]
    public void Its_text_is_as_the_format_says()
    {
        string[] lines = Encoding.UTF8.GetString(Manifest.ToBytes()).Split('\n');
        Assert.Equal(
            [
                "# ModelPack container in parts, version 1",
                "# 3 parts of 100000 bytes, 250000 bytes in all",
                "# part 1 0000000000000001",
                Digest + "  a b.mpk.001",
                "# part 2 123456789abcdef0",
                Digest + "  a b.mpk.002",
                "# part 3 0000000000000003",
                Digest + "  a b.mpk.003",
            ],
            lines[..8]);
        Assert.Matches("^# end [0-9a-f]{16}$", lines[8]);
        Assert.Equal(["", .. Array.Empty<string>()], lines[9..]);
    }

    [Theory]
    [InlineData("model.mpk")]
    [InlineData("überzeugend 模型.mpk")]
    [InlineData("back\\slash and\nline.mpk")]
    public void It_comes_back(string name)
    {
        PartManifest manifest = Manifest with { Name = name };
        PartManifest read = PartManifest.Parse(manifest.ToBytes());
        Assert.Equal(name, read.Name);
        Assert.Equal((250_000, 100_000), (read.Length, read.PartLength));
        Assert.Equal(manifest.Parts, read.Parts);
        Assert.Equal([100_000, 100_000, 50_000], new[] { 1, 2, 3 }.Select(read.LengthOf));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_refused()
    {
        byte[] text = Manifest.ToBytes();
        for (int i = 0; i < text.Length; i++)
        {
            Assert.Throws<ModelPackException>(() => PartManifest.Parse(text.AsSpan(0, i)));
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. text];
                damaged[i] ^= (byte)(1 << bit);
                ModelPackException exception = Assert.Throws<ModelPackException>(() => PartManifest.Parse(damaged));
                Assert.InRange(exception.Offset ?? -1, 0, text.Length);
            }
        }

        Assert.Throws<ModelPackException>(() => PartManifest.Parse([.. text, (byte)'\n']));
    }

    [Theory]
    [InlineData("model.mpk.001", "model.mpk", 1, 3)]
    [InlineData("F/model.mpk.0042", "F/model.mpk", 42, 4)]
    public void Names_of_parts_are_taken_apart(string path, string container, int number, int digits)
    {
        Assert.True(PartNames.TryParse(path, out string of, out int found, out int itsDigits));
        Assert.Equal((container, number, digits), (of, found, itsDigits));
        Assert.Equal(path, PartNames.Of(container, number, digits));
    }

    [Theory]
    [InlineData("model.mpk")]
    [InlineData("model.mpk.01")]
    [InlineData("model.mpk.00001")]
    [InlineData("model.mpk.000")]
    [InlineData("model.mpk.-01")]
    [InlineData("model.mpk.1e2")]
    [InlineData(".001")]
    [InlineData("F/.001")]
    public void Other_names_are_left_alone(string path) => Assert.False(PartNames.TryParse(path, out _, out _, out _));

    [Theory]
    [InlineData(999, 3)]
    [InlineData(1000, 4)]
    public void Numbers_are_as_long_as_the_largest(int count, int digits) => Assert.Equal(digits, PartNames.DigitsFor(count));
}
