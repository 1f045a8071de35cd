namespace ModelPack.Coding;

/// <summary>Wire ids of the plane coders (Container/FORMAT.md, "Coders"). They never change.</summary>
internal enum CoderId : byte
{
    Stored = 0,
    Constant = 1,
    Huffman = 2,
    Lzw = 3,
    LaneAns = 4,
    ContextAns = 5,
    Lz = 6,
}
