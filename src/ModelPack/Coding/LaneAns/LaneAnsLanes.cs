using System.Buffers.Binary;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// What the lanes carry from step to step, for the encoder and the decoder alike: the state of every lane and the
/// bit window of every word of eight lanes (SPEC.md, "Lanes and windows").
/// </summary>
internal sealed class LaneAnsLanes
{
    public const int LanesPerWindow = 8;
    public const int WindowsPerGroup = 8;
    public const int LanesPerGroup = LanesPerWindow * WindowsPerGroup;
    public const int MaxGroups = 2;

    /// <summary>Bit position of a window that holds nothing: where the encoder starts and the decoder must end.</summary>
    public const int EmptyPosition = 63;

    /// <summary>State of each lane, below 2^(state bits).</summary>
    public readonly byte[] States = new byte[MaxGroups * LanesPerGroup];

    /// <summary>Lower word of each window; its bits below the window's position are used up.</summary>
    public readonly ulong[] Low = new ulong[MaxGroups * WindowsPerGroup];

    /// <summary>Upper word of each window.</summary>
    public readonly ulong[] High = new ulong[MaxGroups * WindowsPerGroup];

    /// <summary>Bit of <see cref="Low"/> that is read next, 0 to 63.</summary>
    public readonly ulong[] Positions = new ulong[MaxGroups * WindowsPerGroup];

    /// <summary>Number of groups in use, 1 or 2.</summary>
    public int Groups { get; private set; } = 1;

    /// <summary>Number of windows in use.</summary>
    public int Windows => Groups * WindowsPerGroup;

    /// <summary>Number of lanes in use: the plane bytes of one step.</summary>
    public int Lanes => Groups * LanesPerGroup;

    /// <summary>The bytes of the words that the windows start with.</summary>
    public int WindowsLength => Windows * 2 * sizeof(ulong);

    /// <summary>The first window whose lower word has a bit below the window's position, -1 when there is none.</summary>
    public int FirstWithUsedBits
    {
        get
        {
            for (int window = 0; window < Windows; window++)
            {
                if ((Low[window] & ((1UL << (int)Positions[window]) - 1)) != 0)
                {
                    return window;
                }
            }

            return -1;
        }
    }

    /// <summary>Whether every lane and window is where the encoder starts, but for bits that are used up.</summary>
    public bool AreAtEnd =>
        States.AsSpan(0, Lanes).IndexOfAnyExcept((byte)0) < 0
        && Positions.AsSpan(0, Windows).IndexOfAnyExcept((ulong)EmptyPosition) < 0
        && Low.AsSpan(0, Windows).IndexOfAnyExceptInRange(0UL, (1UL << EmptyPosition) - 1) < 0
        && High.AsSpan(0, Windows).IndexOfAnyExcept(0UL) < 0;

    /// <summary>Sets the number of groups and empties every lane and window.</summary>
    public void Reset(int groups)
    {
        Groups = groups;
        Array.Clear(States);
        Array.Clear(Low);
        Array.Clear(High);
        Array.Fill(Positions, (ulong)EmptyPosition);
    }

    /// <summary>Fills the windows with the stream's first words, zeros where it has fewer, and returns the bytes used.</summary>
    public int ReadWindows(ReadOnlySpan<byte> words)
    {
        int used = 0;
        for (int group = 0; group < Groups; group++)
        {
            ReadGroup(Low, group, words, ref used);
            ReadGroup(High, group, words, ref used);
        }

        return used;
    }

    /// <summary>Writes <see cref="WindowsLength"/> bytes.</summary>
    public void WriteWindows(Span<byte> words)
    {
        for (int group = 0; group < Groups; group++)
        {
            words = WriteGroup(Low, group, words);
            words = WriteGroup(High, group, words);
        }
    }

    private static void ReadGroup(ulong[] half, int group, ReadOnlySpan<byte> words, ref int used)
    {
        foreach (ref ulong word in half.AsSpan(group * WindowsPerGroup, WindowsPerGroup))
        {
            bool isStored = used < words.Length;
            word = isStored ? BinaryPrimitives.ReadUInt64LittleEndian(words[used..]) : 0;
            used += isStored ? sizeof(ulong) : 0;
        }
    }

    private static Span<byte> WriteGroup(ulong[] half, int group, Span<byte> words)
    {
        foreach (ulong word in half.AsSpan(group * WindowsPerGroup, WindowsPerGroup))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(words, word);
            words = words[sizeof(ulong)..];
        }

        return words;
    }
}
