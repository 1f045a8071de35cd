namespace ModelPack.Container;

/// <summary>Unsigned base-128 integers of at most 32 bits, shortest form only (FORMAT.md, "Integers").</summary>
internal static class Varint
{
    /// <summary>Most bytes of one value.</summary>
    public const int MaxLength = 5;

    /// <summary>Writes the value and returns its length; the destination has room for <see cref="MaxLength"/> bytes.</summary>
    public static int Write(Span<byte> destination, uint value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads a value and moves <paramref name="position"/> behind it.</summary>
    /// <exception cref="ModelPackException">The value is cut, longer than needed, or over 32 bits; the offset is its place in the span.</exception>
    public static uint Read(ReadOnlySpan<byte> source, ref int position)
    {
        ulong value = 0;
        for (int length = 0; length < MaxLength; length++)
        {
            if (position + length >= source.Length)
            {
                ContainerThrow.Corrupt("a variable-length integer is cut off", position);
            }

            byte next = source[position + length];
            value |= (ulong)(next & 0x7F) << (7 * length);
            if (next < 0x80)
            {
                if ((next == 0 && length > 0) || value > uint.MaxValue)
                {
                    break;
                }

                position += length + 1;
                return (uint)value;
            }
        }

        ContainerThrow.Corrupt("a variable-length integer is over 32 bits or longer than needed", position);
        return 0;
    }
}
