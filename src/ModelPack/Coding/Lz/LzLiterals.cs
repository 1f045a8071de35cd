using System.Runtime.CompilerServices;

namespace ModelPack.Coding.Lz;

/// <summary>Where the decoder takes literals from.</summary>
internal unsafe interface ILzLiterals
{
    /// <summary>Copies literals to the plane; false when there are not so many.</summary>
    /// <param name="to">Where they go.</param>
    /// <param name="length">Bytes, at least 1, that fit before <paramref name="end"/>.</param>
    /// <param name="start">The plane's start.</param>
    /// <param name="end">The plane's end.</param>
    /// <param name="distance">Bytes of the most recent offset, which reaches before the plane only at its start.</param>
    bool TryCopy(byte* to, int length, byte* start, byte* end, nint distance);

    bool AreUsedUp { get; }
}

/// <summary>Literals one behind the other.</summary>
/// <param name="next">The first; <see cref="LzDecoder.Chunk"/> bytes behind the last can be read.</param>
/// <param name="count">How many.</param>
internal unsafe struct LzPlainLiterals(byte* next, int count) : ILzLiterals
{
    private byte* _next = next;
    private int _left = count;

    public readonly bool AreUsedUp => _left == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(byte* to, int length, byte* start, byte* end, nint distance)
    {
        if (length > _left)
        {
            return false;
        }

        if (length <= LzDecoder.Chunk && end - to >= LzDecoder.Chunk)
        {
            Unsafe.CopyBlockUnaligned(to, _next, LzDecoder.Chunk);
        }
        else
        {
            Buffer.MemoryCopy(_next, to, length, length);
        }

        _next += length;
        _left -= length;
        return true;
    }
}

/// <summary>Literals of one byte in several streams: the byte before says in which the next one is.</summary>
/// <param name="streams">What is left of each stream, with those of first literals behind the others.</param>
/// <param name="count">How many streams there are.</param>
/// <param name="streamOf">Which stream each context has.</param>
/// <param name="firstOf">The same for the first literal behind a match, which is the difference to the match going on; null for none.</param>
internal unsafe struct LzContextLiterals(LzLiteralStream* streams, int count, byte* streamOf, byte* firstOf) : ILzLiterals
{
    public readonly bool AreUsedUp
    {
        get
        {
            bool areUsedUp = true;
            for (int i = 0; i < count; i++)
            {
                areUsedUp &= streams[i].Next == streams[i].End;
            }

            return areUsedUp;
        }
    }

    public readonly bool TryCopy(byte* to, int length, byte* start, byte* end, nint distance)
    {
        byte* last = to + length;
        int before = to == start ? 0 : to[-1];
        if (firstOf != null && to != start)
        {
            LzLiteralStream* first = streams + firstOf[before >> LzFormat.LiteralContextShift];
            if (first->Next == first->End)
            {
                return false;
            }

            before = *first->Next++ ^ to[-distance];
            *to++ = (byte)before;
        }

        while (to < last)
        {
            LzLiteralStream* stream = streams + streamOf[before >> LzFormat.LiteralContextShift];
            byte* next = stream->Next;
            if (next == stream->End)
            {
                return false;
            }

            before = *next;
            stream->Next = next + 1;
            *to++ = (byte)before;
        }

        return true;
    }
}

/// <summary>What is left of a stream of literals.</summary>
internal unsafe struct LzLiteralStream
{
    public byte* Next;
    public byte* End;
}
