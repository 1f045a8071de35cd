using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>What stopped the decoder.</summary>
internal enum LzOutcome
{
    /// <summary>The plane is full.</summary>
    Done,

    /// <summary>A stream ended too early.</summary>
    Truncated,

    /// <summary>An offset that reaches before the plane's start.</summary>
    OffsetTooFar,

    /// <summary>Literals or a match longer than the rest of the plane.</summary>
    TooLong,

    /// <summary>A stream was not used up.</summary>
    LeftOver,
}

/// <summary>The decoded streams.</summary>
internal readonly ref struct LzInput
{
    public required ReadOnlySpan<byte> Tokens { get; init; }

    public required ReadOnlySpan<byte> Lengths { get; init; }

    public required ReadOnlySpan<byte> Offsets { get; init; }

    /// <summary>Bits behind the codes of lengths and offsets, to the end of the coded plane.</summary>
    public required ReadOnlySpan<byte> Bits { get; init; }
}

/// <summary>Kernel: carries out the sequences.</summary>
internal static unsafe class LzDecoder
{
    /// <summary>Bytes that a copy may move at once, and write or read behind its end where there is room.</summary>
    public const int Chunk = 16;

    /// <summary>Fills <paramref name="plane"/>.</summary>
    /// <param name="input">The streams.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes.</param>
    /// <param name="offsetPrecision">See <see cref="LzNumbers.OfOffset"/>.</param>
    /// <param name="plane">Whole units.</param>
    /// <param name="literals">Gives the literals.</param>
    /// <param name="position">Bytes restored when it stopped.</param>
    [MethodImpl(KernelMethod.Options)]
    public static LzOutcome Decode<TLiterals>(
        in LzInput input, int unitShift, int offsetPrecision, Span<byte> plane, ref TLiterals literals, out int position)
        where TLiterals : struct, ILzLiterals
    {
        ReadOnlySpan<byte> lengths = input.Lengths;
        ReadOnlySpan<byte> offsets = input.Offsets;
        ReadOnlySpan<byte> bits = input.Bits;
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        int least = LzFormat.LeastMatch(unitShift);
        int nextLength = 0;
        int nextOffset = 0;
        long bit = 0;
        position = 0;
        fixed (byte* start = plane)
        {
            byte* to = start;
            byte* end = start + plane.Length;
            foreach (byte token in input.Tokens)
            {
                position = (int)(to - start);
                long run = token & LzFormat.LiteralsMask;
                if (run == LzFormat.LongLiterals)
                {
                    if (nextLength == lengths.Length)
                    {
                        return LzOutcome.Truncated;
                    }

                    run += ReadLength(lengths[nextLength++], bits, ref bit);
                }

                long length = token >> LzFormat.LengthShift;
                if (length == LzFormat.LongLength)
                {
                    if (nextLength == lengths.Length)
                    {
                        return LzOutcome.Truncated;
                    }

                    length += ReadLength(lengths[nextLength++], bits, ref bit);
                }

                run <<= unitShift;
                length = (length + least) << unitShift;
                if (run + length > end - to)
                {
                    return LzOutcome.TooLong;
                }

                if (run > 0 && !literals.TryCopy(to, (int)run, start, end, (nint)recent.First << unitShift))
                {
                    return LzOutcome.Truncated;
                }

                to += run;
                int source = (token >> LzFormat.SourceShift) & LzFormat.SourceMask;
                int offset;
                if (source == 0)
                {
                    if (nextOffset == offsets.Length)
                    {
                        return LzOutcome.Truncated;
                    }

                    byte code = offsets[nextOffset++];
                    int extraBits = LzNumbers.OffsetBits(code, offsetPrecision);
                    if (extraBits > LzNumbers.MaxExtraBits)
                    {
                        return LzOutcome.OffsetTooFar;
                    }

                    uint extra = (uint)BitReader.Peek(bits, bit) & ((1u << extraBits) - 1);
                    bit += extraBits;
                    offset = LzNumbers.Offset(code, offsetPrecision, extra);
                    recent.Third = recent.Second;
                    recent.Second = recent.First;
                    recent.First = offset;
                }
                else
                {
                    offset = source == 1 ? recent.First : source == 2 ? recent.Second : recent.Third;
                    recent.Use(offset, source);
                }

                long distance = (long)offset << unitShift;
                if (distance > to - start)
                {
                    return LzOutcome.OffsetTooFar;
                }

                CopyMatch(to, (int)distance, (int)length, end);
                to += length;
            }

            position = (int)(to - start);
            int rest = (int)(end - to);
            if (rest > 0 && !literals.TryCopy(to, rest, start, end, (nint)recent.First << unitShift))
            {
                return LzOutcome.Truncated;
            }

            bool isUsedUp = literals.AreUsedUp && nextLength == lengths.Length && nextOffset == offsets.Length && EndsAt(bits, bit);
            return isUsedUp ? LzOutcome.Done : LzOutcome.LeftOver;
        }
    }

    // A code is at most 255 and so asks for at most 31 bits; beyond MaxExtraBits the length is refused as too long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long ReadLength(byte code, ReadOnlySpan<byte> bits, ref long bit)
    {
        if (code < LzNumbers.DirectLengths)
        {
            return code;
        }

        int extraBits = code - LzNumbers.DirectLengths;
        ulong extra = BitReader.Peek(bits, bit) & ((1UL << extraBits) - 1);
        bit += extraBits;
        return LzNumbers.DirectLengths - 1 + (1L << extraBits) + (long)extra;
    }

    /// <summary>Repeats bytes; the range may reach into itself. Writes only to its length, or up to a chunk more before <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyMatch(byte* to, int distance, int length, byte* end)
    {
        byte* from = to - distance;
        if (distance >= Chunk && end - to - length >= Chunk)
        {
            byte* last = to + length;
            do
            {
                Unsafe.CopyBlockUnaligned(to, from, Chunk);
                to += Chunk;
                from += Chunk;
            }
            while (to < last);
        }
        else
        {
            CopyOverlapping(to, from, distance, length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyOverlapping(byte* to, byte* from, int distance, int length)
    {
        if (length <= Chunk)
        {
            for (int i = 0; i < length; i++)
            {
                to[i] = from[i];
            }

            return;
        }

        // What is copied doubles what can be copied from.
        while (length > 0)
        {
            int part = Math.Min(distance, length);
            Buffer.MemoryCopy(from, to, part, part);
            to += part;
            length -= part;
            distance += part;
        }
    }

    // Less than a byte may be left, of zeros.
    private static bool EndsAt(ReadOnlySpan<byte> bits, long bit) =>
        (bit + 7) / 8 == bits.Length && ((bit & 7) == 0 || bits[^1] >> (int)(bit & 7) == 0);
}
