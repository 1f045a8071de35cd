using System.Buffers.Binary;
using System.IO.Hashing;

namespace ModelPack.Container;

/// <summary>The last 40 bytes of a container (FORMAT.md, "Trailer").</summary>
/// <param name="IndexOffset">Offset of the index frame.</param>
/// <param name="FrameCount">Number of frames, the index included.</param>
/// <param name="ContainerLength">Bytes of the whole container, this trailer included.</param>
internal readonly record struct ContainerTrailer(long IndexOffset, long FrameCount, long ContainerLength)
{
    public const int Length = 40;

    private static ReadOnlySpan<byte> EndMagic => "MPK-END\n"u8;

    public void Write(Span<byte> destination)
    {
        Span<byte> trailer = destination[..Length];
        BinaryPrimitives.WriteInt64LittleEndian(trailer, IndexOffset);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], FrameCount);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[16..], ContainerLength);
        EndMagic.CopyTo(trailer[24..]);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[32..], XxHash3.HashToUInt64(trailer[..32]));
    }

    /// <param name="source">Exactly the trailer's 40 bytes.</param>
    /// <param name="offset">Where the trailer stands in the container.</param>
    /// <exception cref="ModelPackException">The trailer is damaged or the container was cut or lengthened.</exception>
    public static ContainerTrailer Read(ReadOnlySpan<byte> source, long offset)
    {
        ReadOnlySpan<byte> trailer = source[..Length];
        if (!trailer[24..32].SequenceEqual(EndMagic))
        {
            ContainerThrow.Corrupt("the trailer is missing: the container was cut short or something was added behind it", offset);
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(trailer[32..]) != XxHash3.HashToUInt64(trailer[..32]))
        {
            ContainerThrow.Corrupt("the trailer does not match its checksum", offset);
        }

        var read = new ContainerTrailer(
            BinaryPrimitives.ReadInt64LittleEndian(trailer),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[16..]));
        if (read.ContainerLength != offset + Length)
        {
            ContainerThrow.Corrupt($"the container has {offset + Length} bytes, its trailer says {read.ContainerLength}", offset);
        }

        if (read.IndexOffset < ContainerHeader.Length || read.IndexOffset > offset - FrameHeader.Length || read.FrameCount < 1)
        {
            ContainerThrow.Corrupt($"the trailer places frame {read.FrameCount - 1}, the index, at offset {read.IndexOffset}", offset);
        }

        return read;
    }
}
