namespace ModelPack.Coding;

/// <summary>Tables and buffers that one thread reuses from plane to plane. Not thread-safe.</summary>
internal sealed class CodingWorkspace
{
    public Huffman.HuffmanWorkspace Huffman => field ??= new Huffman.HuffmanWorkspace();

    public Lzw.LzwWorkspace Lzw => field ??= new Lzw.LzwWorkspace();

    public LaneAns.LaneAnsWorkspace LaneAns => field ??= new LaneAns.LaneAnsWorkspace();
}
