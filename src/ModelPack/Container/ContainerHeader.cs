using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Primitives;

namespace ModelPack.Container;

/// <summary>What a container restores to.</summary>
internal enum ContainerContent : ushort
{
    File = 1,
    Folder = 2,
}

/// <summary>What a reader must understand beyond the frames that every container has (FORMAT.md, "Header").</summary>
[Flags]
internal enum ContainerFeatures : uint
{
    None = 0,

    /// <summary>There are blocks that repeat an earlier block.</summary>
    Repeats = 1,

    /// <summary>There is a "base" frame, and blocks that are differences to a base model.</summary>
    Base = 2,

    /// <summary>There are entries that are folders or links.</summary>
    Tree = 4,
}

/// <summary>The first 32 bytes of a container (FORMAT.md, "Header").</summary>
/// <param name="Content">What the container restores to.</param>
/// <param name="Features">The required features.</param>
internal readonly record struct ContainerHeader(ContainerContent Content, ContainerFeatures Features = ContainerFeatures.None)
{
    public const int Length = 32;

    public const ushort Version = 1;

    private const uint KnownRequiredFeatures = (uint)(ContainerFeatures.Repeats | ContainerFeatures.Base | ContainerFeatures.Tree);

    /// <summary>Bytes that tell a container from other files.</summary>
    public const int MagicLength = 8;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'M', (byte)'P', (byte)'K', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    public void Write(Span<byte> destination)
    {
        Span<byte> header = destination[..Length];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], (ushort)Content);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)Features);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], XxHash3.HashToUInt64(header[..24]));
    }

    /// <summary>True when a file that starts so is a container.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <inheritdoc cref="HasMagic(ReadOnlySpan{byte})"/>
    public static bool HasMagic(ByteSource source)
    {
        Span<byte> start = stackalloc byte[MagicLength];
        if (source.Length < start.Length)
        {
            return false;
        }

        source.ReadExactly(0, start);
        return HasMagic(start);
    }

    /// <exception cref="ModelPackException">Not a container, damaged, or of a later version.</exception>
    public static ContainerHeader Read(ReadOnlySpan<byte> source)
    {
        if (!HasMagic(source))
        {
            throw new ModelPackException(ModelPackError.Unsupported, "this is not a ModelPack container: its first 8 bytes are not the magic number", offset: 0);
        }

        if (source.Length < Length)
        {
            ContainerThrow.Truncated("the header", Length, source.Length, 0);
        }

        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]);
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]);
        if (checksum != XxHash3.HashToUInt64(source[..24]))
        {
            ContainerThrow.Corrupt("the header's checksum does not match", 24);
        }

        if (version != Version)
        {
            ContainerThrow.Unsupported($"the container has format version {version}, this program reads version {Version}", 8);
        }

        uint required = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        if ((required & ~KnownRequiredFeatures) != 0)
        {
            ContainerThrow.Unsupported($"the container needs features 0x{required & ~KnownRequiredFeatures:X8}, which this program does not know", 12);
        }

        ushort content = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]);
        if (content is not ((ushort)ContainerContent.File or (ushort)ContainerContent.Folder))
        {
            ContainerThrow.Corrupt($"the content kind is {content}, must be 1 (file) or 2 (folder)", 10);
        }

        uint reserved = BinaryPrimitives.ReadUInt32LittleEndian(source[20..]);
        if (reserved != 0)
        {
            ContainerThrow.Corrupt($"the reserved field is 0x{reserved:X8}, must be 0", 20);
        }

        return new ContainerHeader((ContainerContent)content, (ContainerFeatures)required);
    }
}
