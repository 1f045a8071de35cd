using System.IO.Hashing;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Corruption;

/// <summary>Containers of a few kilobytes that restore gibibytes.</summary>
public sealed class ExpansionTests : IDisposable
{
    private const int BlockLength = 1 << 24;
    private const int FreeBlocks = 64; // 1 GiB

    private static readonly byte[] Bomb = Make(FreeBlocks + 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Ways() => new("unpack", "unpack to a stream", "unpack a stream", "unpack a pipe", "verify", "verify a pipe", "open", "open as a stream", "diagnose", "salvage");

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_restores_too_much_is_refused(string way)
    {
        string bomb = _folder.Write("bomb.mpk", Bomb);
        string target = Path.Combine(Path.GetDirectoryName(bomb)!, "target");

        ModelPackException refused = Assert.Throws<ModelPackException>(() =>
        {
            switch (way)
            {
                case "unpack":
                    ModelPacker.Unpack(bomb, target);
                    break;
                case "unpack to a stream":
                    ModelPacker.Unpack(bomb, Stream.Null);
                    break;
                case "unpack a stream":
                    ModelPacker.Unpack(new MemoryStream(Bomb), "bomb", target);
                    break;
                case "unpack a pipe":
                    ModelPacker.Unpack(new ForwardStream(Bomb), "bomb", Stream.Null);
                    break;
                case "verify":
                    ModelPacker.Verify(bomb);
                    break;
                case "verify a pipe":
                    ModelPacker.Verify(new ForwardStream(Bomb), "bomb");
                    break;
                case "open":
                    PackedModel.Open(bomb).Dispose();
                    break;
                case "open as a stream":
                    ModelPackStream.Open(bomb).Dispose();
                    break;
                case "diagnose":
                    ModelPacker.Diagnose(bomb);
                    break;
                default:
                    ModelPacker.Salvage(bomb, target);
                    break;
            }
        });

        Assert.Equal(ModelPackError.Unsupported, refused.Error);
        Assert.Contains("more than 1000 times", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(["bomb.mpk"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(bomb)!).Select(Path.GetFileName));
    }

    [Fact]
    public void The_factor_that_the_message_names_allows_it()
    {
        using var container = new MemoryStream(Bomb);
        ModelPackException refused = Assert.Throws<ModelPackException>(() => PackedModel.Open(Bomb));
        long needed = long.Parse(refused.Reason.Split("--max-expansion ")[1].TrimEnd(')'), System.Globalization.CultureInfo.InvariantCulture);

        Assert.Throws<ModelPackException>(() => PackedModel.Open(Bomb, new OpenOptions { MaxExpansion = needed - 1 }));
        PackedModel.Open(Bomb, new OpenOptions { MaxExpansion = needed }).Dispose();
        Assert.Equal((FreeBlocks + 1L) * BlockLength, ModelPacker.Verify(container, "bomb", new VerifyOptions { MaxExpansion = null }).OriginalLength);
    }

    [Fact]
    public void A_gibibyte_is_free() => PackedModel.Open(Make(FreeBlocks), new OpenOptions { MaxExpansion = 1 }).Dispose();

    [Fact]
    public void A_length_that_is_only_announced_is_refused_before_anything_is_written()
    {
        using var container = new MemoryStream();
        var writer = new ContainerWriter(container, ContainerContent.File);
        writer.BeginFile(new FileStart { Path = "x", Length = 1UL << 62 }, [], []);
        container.Position = 0;

        Assert.Contains(
            "restores 4611686018427387904 bytes",
            Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(container, "x", Stream.Null)).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Packing_tells_of_what_is_refused_later()
    {
        string zeros = _folder.Write("zeros.bin", []);
        using (FileStream file = File.OpenWrite(zeros))
        {
            file.SetLength((FreeBlocks + 1L) * BlockLength);
        }

        ModelPackWarning warning = Assert.Single(ModelPacker.Pack(zeros, Stream.Null, new PackOptions { Level = PackLevel.Fast }).Warnings);

        Assert.Contains("--max-expansion ", warning.Reason, StringComparison.Ordinal);
    }

    /// <summary>One block of zeros (FORMAT.md: one class of layout Bytes, its plane Constant, one byte) and others that repeat it.</summary>
    private static byte[] Make(int blocks)
    {
        using var container = new MemoryStream();
        var writer = new ContainerWriter(container, ContainerContent.File, ContainerFeatures.Repeats);
        long length = (long)blocks * BlockLength;
        writer.BeginFile(new FileStart { Path = "bomb", Length = (ulong)length }, [], [(length, -1)]);
        byte[] frame = [.. new byte[FrameHeader.Length], 1, 0, 1, 1, 0];
        ulong checksum = XxHash3.HashToUInt64(new byte[BlockLength]);
        long first = writer.WriteBlock(frame, BlockLength, checksum, isKept: true);
        for (int block = 1; block < blocks; block++)
        {
            writer.WriteRepeat(first, BlockLength, checksum);
        }

        writer.EndFile([]);
        writer.Finish();
        return container.ToArray();
    }
}
