using System.Buffers.Binary;
using System.IO.Hashing;

namespace ModelPack.Container;

/// <summary>Kinds of frames (FORMAT.md, "Frames").</summary>
internal enum FrameKind : byte
{
    File = 1,
    Block = 2,
    FileEnd = 3,
    Index = 4,
    Base = 5,
}

/// <summary>How a block's payload restores its bytes (FORMAT.md, "Forms of blocks").</summary>
internal enum BlockForm : byte
{
    /// <summary>A directory and coded planes.</summary>
    Coded = 0,

    /// <summary>A reference to an earlier block that restores the same bytes.</summary>
    Repeat = 1,

    /// <summary>A reference to bytes of the base model, then a directory and coded planes of the difference to them.</summary>
    Difference = 2,
}

/// <summary>The 24 bytes before each frame's payload (FORMAT.md, "Frames").</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="RestoredLength">Original bytes that a block restores; 0 for other kinds.</param>
/// <param name="PayloadLength">Bytes that follow the header.</param>
/// <param name="Checksum">XXH3 (64 bits) of the restored bytes of a block, of the payload for other kinds.</param>
internal readonly record struct FrameHeader(FrameKind Kind, int RestoredLength, int PayloadLength, ulong Checksum)
{
    public const int Length = 24;

    /// <summary>The flag of a block that later blocks repeat.</summary>
    private const ushort KeptFlag = 1;

    /// <summary>How a block's payload restores its bytes; for other kinds always <see cref="BlockForm.Coded"/>.</summary>
    public BlockForm Form { get; init; }

    /// <summary>True for a block that later blocks repeat, so that a reader keeps its payload.</summary>
    public bool IsKept { get; init; }

    /// <summary>Bytes of the frame, header and payload.</summary>
    public int FrameLength => Length + PayloadLength;

    /// <param name="destination">At least 24 bytes.</param>
    /// <param name="ordinal">Number of frames before this one; it seeds the header's check so that no frame passes for another.</param>
    public void Write(Span<byte> destination, long ordinal)
    {
        Span<byte> header = destination[..Length];
        header[0] = (byte)Kind;
        header[1] = (byte)Form;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], IsKept ? KeptFlag : (ushort)0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)RestoredLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Check(header, ordinal));
    }

    /// <param name="source">Exactly the header's 24 bytes.</param>
    /// <param name="ordinal">Number of frames before this one.</param>
    /// <param name="offset">Where the header stands in the container, for messages.</param>
    /// <param name="features">The features of the container: which forms and flags there may be.</param>
    /// <exception cref="ModelPackException">The header is damaged, stands elsewhere, or breaks a limit.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source, long ordinal, long offset, ContainerFeatures features = ContainerFeatures.None)
    {
        ReadOnlySpan<byte> header = source[..Length];
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) != Check(header, ordinal))
        {
            ContainerThrow.Corrupt($"the header of frame {ordinal} does not match its check value", offset);
        }

        var form = (BlockForm)header[1];
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        if (!IsAllowed((FrameKind)header[0], form, flags, features))
        {
            ContainerThrow.Unsupported($"frame {ordinal} of kind {header[0]} has form {header[1]} and flags {flags}, the container needs features 0x{(uint)features:X8}", offset);
        }

        uint restored = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        uint payload = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var kind = (FrameKind)header[0];
        (uint least, uint most, uint mostPayload) = kind switch
        {
            FrameKind.Block => (1u, (uint)ContainerLimits.MaxBlockLength, (uint)ContainerLimits.MaxBlockPayloadLength),
            FrameKind.File or FrameKind.FileEnd => (0u, 0u, (uint)ContainerLimits.MaxFilePayloadLength),
            FrameKind.Base => (0u, 0u, (uint)ContainerLimits.MaxBasePayloadLength),
            FrameKind.Index => (0u, 0u, (uint)ContainerLimits.MaxIndexPayloadLength),
            _ => throw new ModelPackException(ModelPackError.Corrupt, $"frame {ordinal} is of unknown kind {header[0]}", offset: offset),
        };
        if (restored < least || restored > most)
        {
            ContainerThrow.Corrupt($"frame {ordinal} restores {restored} bytes, allowed are {least} to {most}", offset + 4);
        }

        if (payload > mostPayload)
        {
            ContainerThrow.Corrupt($"frame {ordinal} has a payload of {payload} bytes, allowed are {mostPayload}", offset + 8);
        }

        return new FrameHeader(kind, (int)restored, (int)payload, BinaryPrimitives.ReadUInt64LittleEndian(header[12..])) { Form = form, IsKept = flags == KeptFlag };
    }

    /// <exception cref="ModelPackException">The payload of a frame other than a block does not match its checksum.</exception>
    public void CheckPayload(ReadOnlySpan<byte> payload, long ordinal, long offset)
    {
        if (XxHash3.HashToUInt64(payload) != Checksum)
        {
            ContainerThrow.Corrupt($"the payload of frame {ordinal} does not match its checksum", offset + Length);
        }
    }

    private static bool IsAllowed(FrameKind kind, BlockForm form, ushort flags, ContainerFeatures features)
    {
        if (form == BlockForm.Coded && flags == 0)
        {
            return true;
        }

        bool repeats = (features & ContainerFeatures.Repeats) != 0;
        bool differences = (features & ContainerFeatures.Base) != 0;
        return kind == FrameKind.Block && (form, flags) switch
        {
            (BlockForm.Repeat, 0) => repeats,
            (BlockForm.Coded, KeptFlag) => repeats,
            (BlockForm.Difference, 0) => differences,
            (BlockForm.Difference, KeptFlag) => differences && repeats,
            _ => false,
        };
    }

    /// <summary>False for most bytes that are no header, seen without its ordinal.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> header) =>
        header[0] is >= (byte)FrameKind.File and <= (byte)FrameKind.Base && header[1] <= (byte)BlockForm.Difference && header[2] <= KeptFlag && header[3] == 0
        && BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) is var restored && (header[0] == (byte)FrameKind.Block) == (restored > 0)
        && restored <= ContainerLimits.MaxBlockLength && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) <= ContainerLimits.MaxIndexPayloadLength;

    /// <summary>True when a header's check value is that of the frame with this ordinal.</summary>
    public static bool Matches(ReadOnlySpan<byte> header, long ordinal) => BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) == Check(header, ordinal);

    private static uint Check(ReadOnlySpan<byte> header, long ordinal) => (uint)XxHash3.HashToUInt64(header[..20], ordinal);
}
