using System.Buffers.Binary;

namespace ModelPack.Fuzz.Damaging;

/// <summary>A container that was harmed, and how.</summary>
/// <param name="Kind">What was done, in a word.</param>
/// <param name="Bytes">What is left of the container.</param>
/// <param name="ChecksRemade">True where the checks of header, frames and trailer were made anew, so that only what they protect is wrong.</param>
internal readonly record struct DamagedContainer(string Kind, byte[] Bytes, bool ChecksRemade);

/// <summary>What disks, cables and people do to files; every choice comes from the seed.</summary>
/// <param name="container">A sound container, or a part of one.</param>
/// <param name="other">Another one, for splices.</param>
/// <param name="isWhole">False for a part or a list of parts: these have no frames of their own.</param>
/// <param name="seed">Start of the random numbers.</param>
internal sealed class Damage(byte[] container, byte[] other, bool isWhole, int seed)
{
    /// <summary>
    /// Files up to this long have every bit flipped and every cut tried; of longer containers every bit of the header, of the frames' headers and
    /// of the trailer.
    /// </summary>
    public const int SmallLength = 2048;

    public const string RemadeFlipKind = "flip, checks remade";

    private static readonly uint[] Bombs = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x0100_0000, 0x0100_0001, 0x4000_0000];

    private readonly ContainerRemaker _remaker = new();
    private readonly Random _random = new(seed);

    /// <summary>Every bit and cut that is to be tried in full, then so many of each kind of damage.</summary>
    public IEnumerable<DamagedContainer> All(int countOfEachKind) => Every().Concat(Some(countOfEachKind));

    /// <summary>So many of each kind of damage.</summary>
    public IEnumerable<DamagedContainer> Some(int countOfEachKind)
    {
        Func<DamagedContainer>[] kinds = isWhole
            ? [Flip, Cut, Swap, Zero, Repeat, Insert, Remove, Splice, Bomb, RemadeFlip]
            : [Flip, Cut, Swap, Zero, Repeat, Insert, Remove, Splice];
        for (int i = 0; i < countOfEachKind; i++)
        {
            foreach (Func<DamagedContainer> kind in kinds)
            {
                DamagedContainer damaged = kind();
                if (!damaged.Bytes.AsSpan().SequenceEqual(container))
                {
                    yield return damaged;
                }
            }
        }
    }

    private IEnumerable<DamagedContainer> Every()
    {
        bool isSmall = container.Length <= SmallLength;
        foreach ((int start, int end) in isSmall ? [(0, container.Length)] : isWhole ? Skeleton() : [])
        {
            for (int bit = 8 * start; bit < 8 * end; bit++)
            {
                yield return new DamagedContainer("flip", Flipped(bit), false);
            }
        }

        for (int length = 0; isSmall && length < container.Length; length++)
        {
            yield return new DamagedContainer("cut", container[..length], false);
        }
    }

    /// <summary>All that is neither coded bytes nor a message.</summary>
    private IEnumerable<(int Start, int End)> Skeleton() =>
    [
        (0, Frame.ContainerHeaderLength),
        .. Frame.Walk(container).Select(static frame => (frame.Offset, frame.PayloadOffset)),
        (container.Length - Frame.TrailerLength, container.Length),
    ];

    private byte[] Flipped(long bit)
    {
        byte[] bytes = [.. container];
        bytes[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        return bytes;
    }

    private DamagedContainer Flip() => new("flip", Flipped(_random.NextInt64(8L * container.Length)), false);

    private DamagedContainer RemadeFlip() =>
        new(RemadeFlipKind, _remaker.Remake(Flipped(_random.NextInt64(8L * container.Length)), Repairs.Frames), true);

    private DamagedContainer Cut() => new("cut", container[.._random.Next(container.Length)], false);

    private DamagedContainer Swap()
    {
        (int first, int length) = Range();
        int second = _random.Next(container.Length - length + 1);
        byte[] bytes = [.. container];
        container.AsSpan(first, length).CopyTo(bytes.AsSpan(second));
        container.AsSpan(second, length).CopyTo(bytes.AsSpan(first));
        return new DamagedContainer("swap", bytes, false);
    }

    private DamagedContainer Zero()
    {
        (int start, int length) = Range();
        byte[] bytes = [.. container];
        bytes.AsSpan(start, length).Clear();
        return new DamagedContainer("zero", bytes, false);
    }

    private DamagedContainer Repeat()
    {
        (int start, int length) = Range();
        return new DamagedContainer("repeat", [.. container[..(start + length)], .. container[start..]], false);
    }

    private DamagedContainer Remove()
    {
        (int start, int length) = Range();
        return new DamagedContainer("remove", [.. container[..start], .. container[(start + length)..]], false);
    }

    private DamagedContainer Insert()
    {
        byte[] inserted = new byte[1 << _random.Next(13)];
        _random.NextBytes(inserted);
        int at = _random.Next(container.Length + 1);
        return new DamagedContainer("insert", [.. container[..at], .. inserted, .. container[at..]], false);
    }

    private DamagedContainer Splice() =>
        new("splice", [.. container[.._random.Next(container.Length)], .. other[_random.Next(other.Length)..]], false);

    /// <summary>A length in a frame header or anywhere in a message becomes one that promises far more than there is.</summary>
    private DamagedContainer Bomb()
    {
        byte[] bytes = [.. container];
        List<Frame> frames = Frame.Walk(container);
        Frame frame = frames[_random.Next(frames.Count)];
        int at = _random.Next(3) switch
        {
            0 => frame.Offset + 4,
            1 => frame.Offset + 8,
            _ => frame.PayloadOffset + _random.Next(Math.Max(1, Math.Min(64, frame.PayloadLength))),
        };
        if (at <= bytes.Length - sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Bombs[_random.Next(Bombs.Length)]);
        }

        // A payload length that was changed must stay as it is, for the program to meet it: only its own header's check is made anew.
        if (_random.Next(2) == 0 && at < frame.PayloadOffset)
        {
            int ordinal = frames.IndexOf(frame);
            Span<byte> header = bytes.AsSpan(frame.Offset, Frame.HeaderLength);
            BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)System.IO.Hashing.XxHash3.HashToUInt64(header[..20], ordinal));
            return new DamagedContainer("length bomb", bytes, true);
        }

        return new DamagedContainer("length bomb", bytes, false);
    }

    private (int Start, int Length) Range()
    {
        int length = Math.Min(1 << _random.Next(14), container.Length / 2);
        return (_random.Next(container.Length - length + 1), length);
    }
}
