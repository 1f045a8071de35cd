using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Primitives;

/// <summary>
/// Reads fields of bits, least significant bit of each byte first. Bits behind the end read as zero and only show in
/// <see cref="IsOverrun"/>, so that a caller checks once, after a run of fields.
/// </summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Most bits that one look at any bit position surely gives.</summary>
    public const int MaxPeekBits = 57;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bits read so far.</summary>
    public long Position { get; private set; }

    /// <summary>More bits were read than there are.</summary>
    public readonly bool IsOverrun => Position > _bytes.Length * 8L;

    /// <summary>Reads a field of 0 to 32 bits.</summary>
    public uint Read(int count)
    {
        ulong bits = Peek(_bytes, Position);
        Position += count;
        return (uint)(bits & ((1UL << count) - 1));
    }

    /// <summary>Moves on to the next whole byte.</summary>
    /// <returns>False when a bit passed over is not zero.</returns>
    public bool TryAlign()
    {
        int padding = (int)(-Position & 7);
        return Read(padding) == 0;
    }

    /// <summary>At least <see cref="MaxPeekBits"/> bits from a bit position on, zero behind the end; the bits above are undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Peek(ReadOnlySpan<byte> bytes, long position)
    {
        long first = position >> 3;
        return first <= bytes.Length - sizeof(ulong)
            ? LittleEndian.ReadUInt64(in MemoryMarshal.GetReference(bytes), (nuint)first) >> (int)(position & 7)
            : PeekNearEnd(bytes, position);
    }

    private static ulong PeekNearEnd(ReadOnlySpan<byte> bytes, long position)
    {
        ulong bits = 0;
        long first = position >> 3;
        for (int i = 0; i < sizeof(ulong) && first + i < bytes.Length; i++)
        {
            bits |= (ulong)bytes[(int)first + i] << (8 * i);
        }

        return bits >> (int)(position & 7);
    }
}
