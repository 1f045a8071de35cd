using System.Buffers.Binary;
using System.Runtime.InteropServices;

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
    public const int MaxLanes = MaxGroups * LanesPerGroup;
    public const int MaxWindows = MaxGroups * WindowsPerGroup;

    /// <summary>Bit position of a window that holds nothing: where the encoder starts and the decoder must end.</summary>
    public const int EmptyPosition = 63;

    /// <summary>Where in <see cref="Block"/> each part begins, for kernels.</summary>
    public const int LowAt = 0, HighAt = MaxWindows, PositionsAt = 2 * MaxWindows, StatesAt = 3 * MaxWindows;

    /// <summary>All parts in one piece, so that a kernel pins and keeps one address.</summary>
    public readonly ulong[] Block = new ulong[4 * MaxWindows];

    /// <summary>Lower word of each window; its bits below the window's position are used up.</summary>
    public Span<ulong> Low => Block.AsSpan(LowAt, Windows);

    /// <summary>Upper word of each window.</summary>
    public Span<ulong> High => Block.AsSpan(HighAt, Windows);

    /// <summary>Bit of the lower word that is read next, 0 to 63.</summary>
    public Span<ulong> Positions => Block.AsSpan(PositionsAt, Windows);

    /// <summary>State of each lane, below 2^(state bits).</summary>
    public Span<byte> States => MemoryMarshal.AsBytes(Block.AsSpan(StatesAt, Windows));

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
            ReadOnlySpan<ulong> low = Low;
            ReadOnlySpan<ulong> positions = Positions[..low.Length];
            for (int window = 0; window < low.Length; window++)
            {
                if ((low[window] & ((1UL << (int)positions[window]) - 1)) != 0)
                {
                    return window;
                }
            }

            return -1;
        }
    }

    /// <summary>Whether every lane and window is where the encoder starts, but for bits that are used up.</summary>
    public bool AreAtEnd =>
        States.IndexOfAnyExcept((byte)0) < 0
        && Positions.IndexOfAnyExcept((ulong)EmptyPosition) < 0
        && Low.IndexOfAnyExceptInRange(0UL, (1UL << EmptyPosition) - 1) < 0
        && High.IndexOfAnyExcept(0UL) < 0;

    /// <summary>Sets the number of groups and empties every lane and window.</summary>
    public void Reset(int groups)
    {
        Groups = groups;
        Array.Clear(Block);
        Positions.Fill(EmptyPosition);
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

    private static void ReadGroup(Span<ulong> half, int group, ReadOnlySpan<byte> words, ref int used)
    {
        foreach (ref ulong word in half.Slice(group * WindowsPerGroup, WindowsPerGroup))
        {
            bool isStored = used < words.Length;
            word = isStored ? BinaryPrimitives.ReadUInt64LittleEndian(words[used..]) : 0;
            used += isStored ? sizeof(ulong) : 0;
        }
    }

    private static Span<byte> WriteGroup(ReadOnlySpan<ulong> half, int group, Span<byte> words)
    {
        foreach (ulong word in half.Slice(group * WindowsPerGroup, WindowsPerGroup))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(words, word);
            words = words[sizeof(ulong)..];
        }

        return words;
    }
}
