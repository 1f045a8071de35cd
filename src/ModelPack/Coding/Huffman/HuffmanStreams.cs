namespace ModelPack.Coding.Huffman;

/// <summary>Where one stream stands while it is decoded: bit positions in the coded bytes, byte positions in the plane.</summary>
internal struct HuffmanStream
{
    public nuint Position;
    public nuint End;
    public nuint Output;
    public nuint OutputEnd;
}

/// <summary>How a plane is cut into parts and how long a stream can be (SPEC.md, "Streams").</summary>
internal static class HuffmanStreams
{
    public const int MaxCount = 8;

    /// <summary>Width of <see cref="ToCode"/>.</summary>
    public const int CodeBits = 2;

    // One stream costs a length field and on average 5 bits of mark and padding: below 1 % of the plane at these lengths.
    private const int FewestBytesForFour = 4096;
    private const int FewestBytesForEight = 32_768;

    /// <summary>The encoder's choice; a decoder takes any count.</summary>
    public static int CountFor(int planeLength) => planeLength switch
    {
        < FewestBytesForFour => 1,
        < FewestBytesForEight => 4,
        _ => MaxCount,
    };

    /// <summary>The two-bit wire form of a count; 0 stands for a plane without streams.</summary>
    public static uint ToCode(int count) => count switch
    {
        1 => 1,
        4 => 2,
        _ => 3,
    };

    /// <summary>Inverse of <see cref="ToCode"/>.</summary>
    public static int FromCode(uint code) => code switch
    {
        0 => 0,
        1 => 1,
        2 => 4,
        _ => MaxCount,
    };

    /// <summary>First byte of a part: all have the same length but the last, which also takes the remainder.</summary>
    public static int PartStart(int planeLength, int count, int part) =>
        part == count ? planeLength : planeLength / count * part;

    /// <summary>Bytes of one length field: 2 when no stream of a part can need more, else 4.</summary>
    public static int LengthFieldSize(int planeLength, int count) =>
        MaxStreamLength(planeLength / count) <= ushort.MaxValue ? sizeof(ushort) : sizeof(uint);

    /// <summary>Most bytes the stream of a part can have: the longest codes and the end mark.</summary>
    public static int MaxStreamLength(int partLength) => (partLength * HuffmanTable.MaxCodeLength / 8) + 1;
}
