namespace ModelPack.Container;

/// <summary>The payload of a block that repeats an earlier one: how many frames before it that one stands (FORMAT.md, "Repeats").</summary>
internal static class RepeatReference
{
    /// <summary>Most bytes of a payload.</summary>
    public const int MaxLength = Varint.MaxLength;

    /// <summary>Writes a payload and returns its length.</summary>
    /// <param name="payload">Room for <see cref="MaxLength"/> bytes.</param>
    /// <param name="ordinal">Ordinal of the block's own frame.</param>
    /// <param name="target">Ordinal of the frame of the block that it repeats.</param>
    public static int Write(Span<byte> payload, long ordinal, long target) => Varint.Write(payload, checked((uint)(ordinal - target)));

    /// <summary>Reads a payload and returns the ordinal of the frame that it names, which may be of any kind.</summary>
    /// <exception cref="ModelPackException">The payload names no frame before the block's own; the offset counts from its start.</exception>
    public static long Read(ReadOnlySpan<byte> payload, long ordinal)
    {
        int position = 0;
        uint distance = Varint.Read(payload, ref position);
        if (position != payload.Length || distance == 0 || distance > ordinal)
        {
            ContainerThrow.Corrupt($"frame {ordinal} repeats the frame {distance} before it, in a payload of {payload.Length} bytes", 0);
        }

        return ordinal - distance;
    }

    /// <summary>Checks that a block can be restored in place of another.</summary>
    /// <param name="repeat">The frame that repeats.</param>
    /// <param name="ordinal">Its ordinal.</param>
    /// <param name="target">The frame that it names.</param>
    /// <param name="targetOrdinal">Its ordinal.</param>
    /// <param name="offset">Where the repeating frame's payload stands in the container.</param>
    /// <exception cref="ModelPackException">The other frame is no block that may be repeated, or restores something else.</exception>
    public static void Check(FrameHeader repeat, long ordinal, FrameHeader target, long targetOrdinal, long offset)
    {
        if (target.Kind != FrameKind.Block || !target.IsKept)
        {
            ThrowNotKept(ordinal, targetOrdinal, offset);
        }

        if (target.RestoredLength != repeat.RestoredLength || target.Checksum != repeat.Checksum)
        {
            ContainerThrow.Corrupt($"frame {ordinal} restores {repeat.RestoredLength} bytes, but frame {targetOrdinal}, which it repeats, {target.RestoredLength} or others", offset);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void ThrowNotKept(long ordinal, long target, long offset) =>
        ContainerThrow.Corrupt($"frame {ordinal} repeats frame {target}, which is no block marked for that", offset);
}
