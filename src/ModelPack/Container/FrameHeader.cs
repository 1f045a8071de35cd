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
}

/// <summary>The 24 bytes before each frame's payload (FORMAT.md, "Frames").</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="RestoredLength">Original bytes that a block restores; 0 for other kinds.</param>
/// <param name="PayloadLength">Bytes that follow the header.</param>
/// <param name="Checksum">XXH3 (64 bits) of the restored bytes of a block, of the payload for other kinds.</param>
internal readonly record struct FrameHeader(FrameKind Kind, int RestoredLength, int PayloadLength, ulong Checksum)
{
    public const int Length = 24;

    /// <summary>Bytes of the frame, header and payload.</summary>
    public int FrameLength => Length + PayloadLength;

    /// <param name="destination">At least 24 bytes.</param>
    /// <param name="ordinal">Number of frames before this one; it seeds the header's check so that no frame passes for another.</param>
    public void Write(Span<byte> destination, long ordinal)
    {
        Span<byte> header = destination[..Length];
        header[0] = (byte)Kind;
        header[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)RestoredLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Check(header, ordinal));
    }

    /// <param name="source">Exactly the header's 24 bytes.</param>
    /// <param name="ordinal">Number of frames before this one.</param>
    /// <param name="offset">Where the header stands in the container, for messages.</param>
    /// <exception cref="ModelPackException">The header is damaged, stands elsewhere, or breaks a limit.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source, long ordinal, long offset)
    {
        ReadOnlySpan<byte> header = source[..Length];
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) != Check(header, ordinal))
        {
            ContainerThrow.Corrupt($"the header of frame {ordinal} does not match its check value", offset);
        }

        if (header[1] != 0 || BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) != 0)
        {
            ContainerThrow.Unsupported($"frame {ordinal} has form {header[1]}, this program reads form 0 with zero in the reserved field", offset);
        }

        uint restored = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        uint payload = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var kind = (FrameKind)header[0];
        (uint least, uint most, uint mostPayload) = kind switch
        {
            FrameKind.Block => (1u, (uint)ContainerLimits.MaxBlockLength, (uint)ContainerLimits.MaxBlockPayloadLength),
            FrameKind.File or FrameKind.FileEnd => (0u, 0u, (uint)ContainerLimits.MaxFilePayloadLength),
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

        return new FrameHeader(kind, (int)restored, (int)payload, BinaryPrimitives.ReadUInt64LittleEndian(header[12..]));
    }

    /// <exception cref="ModelPackException">The payload of a frame other than a block does not match its checksum.</exception>
    public void CheckPayload(ReadOnlySpan<byte> payload, long ordinal, long offset)
    {
        if (XxHash3.HashToUInt64(payload) != Checksum)
        {
            ContainerThrow.Corrupt($"the payload of frame {ordinal} does not match its checksum", offset + Length);
        }
    }

    private static uint Check(ReadOnlySpan<byte> header, long ordinal) => (uint)XxHash3.HashToUInt64(header[..20], ordinal);
}
