using System.Buffers.Binary;
using System.IO.Hashing;

namespace ModelPack.Tests.Support;

/// <summary>The frames of a container, found and changed by the text of FORMAT.md and not by the code under test.</summary>
internal static class ContainerFrames
{
    public const int HeaderLength = 24;

    /// <summary>Offset of each frame, in order.</summary>
    public static List<int> Offsets(ReadOnlySpan<byte> container)
    {
        var offsets = new List<int>();
        for (int offset = 32; offset < container.Length - 40; offset += HeaderLength + BinaryPrimitives.ReadInt32LittleEndian(container[(offset + 8)..]))
        {
            offsets.Add(offset);
        }

        return offsets;
    }

    /// <summary>Ordinals of the frames of this kind and form.</summary>
    public static List<int> Find(byte[] container, byte kind, byte form)
    {
        List<int> offsets = Offsets(container);
        return [.. Enumerable.Range(0, offsets.Count).Where(ordinal => container[offsets[ordinal]] == kind && container[offsets[ordinal] + 1] == form)];
    }

    /// <summary>Makes the checks of the header and of all frames' headers match what they hold.</summary>
    public static byte[] WithChecks(byte[] container)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(container.AsSpan(24), XxHash3.HashToUInt64(container.AsSpan(0, 24)));
        List<int> offsets = Offsets(container);
        for (int ordinal = 0; ordinal < offsets.Count; ordinal++)
        {
            Span<byte> header = container.AsSpan(offsets[ordinal], HeaderLength);
            BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)XxHash3.HashToUInt64(header[..20], ordinal));
        }

        return container;
    }
}
