using ModelPack.Coding.LaneAns;

namespace ModelPack.Coding;

/// <summary>Tables and buffers that one thread reuses from plane to plane. Not thread-safe.</summary>
internal sealed class CodingWorkspace
{
    /// <summary>The most tables that a plane of the lane coder may have.</summary>
    public int MostLaneTables { get; init; } = LaneAnsTables.MaxCount;

    public Huffman.HuffmanWorkspace Huffman => field ??= new Huffman.HuffmanWorkspace();

    public Lzw.LzwWorkspace Lzw => field ??= new Lzw.LzwWorkspace();

    public LaneAns.LaneAnsWorkspace LaneAns => field ??= new LaneAns.LaneAnsWorkspace();
}
