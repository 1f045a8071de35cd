using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lzw;

/// <summary>What stopped the decoder.</summary>
internal enum LzwOutcome
{
    /// <summary>The plane is full.</summary>
    Done,

    /// <summary>The coded bytes ended before.</summary>
    Truncated,

    /// <summary>A code that stands for nothing yet.</summary>
    UndefinedCode,

    /// <summary>A reset before the dictionary is full.</summary>
    EarlyReset,

    /// <summary>A string longer than the rest of the plane.</summary>
    TooLong,
}

/// <summary>
/// Kernel: decodes by copying. The string of an entry is the string of one code and the byte that follows it, which lie
/// side by side in the plane; so an entry is known from where the string of its code and of the next code start.
/// </summary>
internal static class LzwDecoder
{
    // Strings up to this length are copied with two loads and stores, without looking at their length.
    private const int ShortCopy = 2 * sizeof(ulong);

    /// <summary>Fills <paramref name="plane"/>.</summary>
    /// <param name="coded">The coded plane.</param>
    /// <param name="plane">At least 1 byte.</param>
    /// <param name="starts">Scratch memory of <see cref="LzwDictionary.MaxEntries"/> + 1: where the string of each code since the reset starts.</param>
    /// <param name="position">Bits used when the plane is full, else where the offending code starts.</param>
    /// <param name="code">The last code read.</param>
    [MethodImpl(KernelMethod.Options)]
    public static LzwOutcome Decode(ReadOnlySpan<byte> coded, Span<byte> plane, Span<int> starts, out long position, out int code)
    {
        long bit = 0;
        long lastBit = coded.Length * 8L;
        int width = LzwDictionary.MinWidth;
        int at = 0;
        code = 0;

        // Codes since the reset, up to one more than there are entries; so many entries the next code may refer to.
        int entries = 0;
        starts = starts[..(LzwDictionary.MaxEntries + 1)];
        while (at < plane.Length)
        {
            position = bit;
            if (bit + width > lastBit)
            {
                return LzwOutcome.Truncated;
            }

            code = (int)(BitReader.Peek(coded, bit) & ((1UL << width) - 1));
            bit += width;
            if (code == LzwDictionary.Reset)
            {
                if (entries <= LzwDictionary.MaxEntries)
                {
                    return LzwOutcome.EarlyReset;
                }

                entries = 0;
                width = LzwDictionary.MinWidth;
                continue;
            }

            int entry = code - LzwDictionary.FirstEntry;
            if (entry >= Math.Min(entries, LzwDictionary.MaxEntries))
            {
                return LzwOutcome.UndefinedCode;
            }

            // The entry made of the last two codes ends with the first byte of this string, wherever that comes from.
            if (entries <= LzwDictionary.MaxEntries)
            {
                starts[entries++] = at;
                width += LzwDictionary.FirstEntry + entries > 1 << width && width < LzwDictionary.MaxWidth ? 1 : 0;
            }

            if (entry < 0)
            {
                plane[at++] = (byte)code;
                continue;
            }

            int from = starts[entry];
            int length = starts[entry + 1] - from + 1;
            if (length > plane.Length - at)
            {
                return LzwOutcome.TooLong;
            }

            CopyString(plane, from, at, length);
            at += length;
        }

        position = bit;
        return LzwOutcome.Done;
    }

    // from + length <= to + 1: only the last byte of a string can be the first of its own copy.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyString(Span<byte> plane, int from, int to, int length)
    {
        if (length <= ShortCopy && to <= plane.Length - ShortCopy)
        {
            ref byte start = ref MemoryMarshal.GetReference(plane);
            ulong low = LittleEndian.ReadUInt64(in start, (nuint)from);
            ulong high = LittleEndian.ReadUInt64(in start, (nuint)from + sizeof(ulong));
            LittleEndian.WriteUInt64(ref start, (nuint)to, low);
            LittleEndian.WriteUInt64(ref start, (nuint)to + sizeof(ulong), high);
        }
        else
        {
            plane.Slice(from, length - 1).CopyTo(plane.Slice(to, length - 1));
        }

        // Comes last, because the byte may have been written only just now.
        plane[to + length - 1] = plane[from + length - 1];
    }
}
