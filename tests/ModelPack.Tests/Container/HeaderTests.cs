using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Container;

namespace ModelPack.Tests.Container;

public sealed class HeaderTests
{
    [Fact]
    public void Header_has_the_bytes_of_the_specification()
    {
        byte[] header = new byte[ContainerHeader.Length];
        new ContainerHeader(ContainerContent.Folder).Write(header);
        Assert.Equal("894D504B0D0A1A0A" + "0100" + "0200" + "00000000" + "00000000" + "00000000", Convert.ToHexString(header[..24]));
        Assert.Equal(XxHash3.HashToUInt64(header.AsSpan(0, 24)), BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(24)));
        Assert.Equal(ContainerContent.Folder, ContainerHeader.Read(header).Content);
    }

    [Theory]
    [InlineData(8, 2, ModelPackError.Unsupported, "version 2")]
    [InlineData(12, 8, ModelPackError.Unsupported, "features 0x00000008")]
    [InlineData(10, 3, ModelPackError.Corrupt, "content kind is 3")]
    [InlineData(20, 1, ModelPackError.Corrupt, "reserved")]
    public void Header_refuses_what_it_does_not_know(int offset, byte value, ModelPackError error, string reason)
    {
        byte[] header = new byte[ContainerHeader.Length];
        new ContainerHeader(ContainerContent.File).Write(header);
        header[offset] = value;
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), XxHash3.HashToUInt64(header.AsSpan(0, 24)));
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ContainerHeader.Read(header));
        Assert.Equal(error, exception.Error);
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.Equal(offset, exception.Offset);
    }

    [Fact]
    public void Header_ignores_optional_features()
    {
        byte[] header = new byte[ContainerHeader.Length];
        new ContainerHeader(ContainerContent.File).Write(header);
        header[16] = 0xFF;
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), XxHash3.HashToUInt64(header.AsSpan(0, 24)));
        Assert.Equal(ContainerContent.File, ContainerHeader.Read(header).Content);
    }

    [Fact]
    public void Frame_header_has_the_bytes_of_the_specification()
    {
        byte[] header = new byte[FrameHeader.Length];
        new FrameHeader(FrameKind.Block, 0x010203, 0x0405, 0x1122334455667788).Write(header, ordinal: 7);
        Assert.Equal("02" + "00" + "0000" + "03020100" + "05040000" + "8877665544332211", Convert.ToHexString(header[..20]));
        Assert.Equal((uint)XxHash3.HashToUInt64(header.AsSpan(0, 20), 7), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)));
    }

    [Fact]
    public void Frame_header_is_refused_at_another_ordinal()
    {
        byte[] header = new byte[FrameHeader.Length];
        new FrameHeader(FrameKind.Block, 10, 10, 1).Write(header, ordinal: 7);
        Assert.Equal(10, FrameHeader.Read(header, 7, 0).PayloadLength);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => FrameHeader.Read(header, 8, 4711));
        Assert.Equal(4711, exception.Offset);
    }

    [Theory]
    [InlineData(0, 5, 10, 10)] // no such kind
    [InlineData(1, 2, 10, 10)] // form of a later version
    [InlineData(2, 2, 10, 10)] // reserved
    [InlineData(-1, 2, 0, 10)] // a block that restores nothing
    [InlineData(-1, 2, ContainerLimits.MaxBlockLength + 1, 10)]
    [InlineData(-1, 2, 10, ContainerLimits.MaxBlockPayloadLength + 1)]
    [InlineData(-1, 1, 1, 10)] // only blocks restore
    [InlineData(-1, 1, 0, ContainerLimits.MaxFilePayloadLength + 1)]
    [InlineData(-1, 4, 0, ContainerLimits.MaxIndexPayloadLength + 1)]
    public void Frame_header_refuses_what_breaks_a_limit(int changed, byte kind, int restored, int payload)
    {
        byte[] header = new byte[FrameHeader.Length];
        new FrameHeader((FrameKind)kind, restored, payload, 1).Write(header, ordinal: 0);
        if (changed > 0)
        {
            header[changed] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), (uint)XxHash3.HashToUInt64(header.AsSpan(0, 20), 0));
        }

        Assert.Throws<ModelPackException>(() => FrameHeader.Read(header, 0, 0));
    }

    [Fact]
    public void Trailer_has_the_bytes_of_the_specification()
    {
        byte[] trailer = new byte[ContainerTrailer.Length];
        new ContainerTrailer(0x0102, 3, 0x0500).Write(trailer);
        Assert.Equal(
            "0201000000000000" + "0300000000000000" + "0005000000000000" + "4D504B2D454E440A", Convert.ToHexString(trailer[..32]));
        Assert.Equal(new ContainerTrailer(0x0102, 3, 0x0500), ContainerTrailer.Read(trailer, 0x0500 - 40));
        Assert.Throws<ModelPackException>(() => ContainerTrailer.Read(trailer, 0x0500 - 41));
    }
}
