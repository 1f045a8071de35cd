using ModelPack.Coding.LaneAns;
using ModelPack.Coding.Lz;

namespace ModelPack.Coding;

/// <summary>Tables and buffers that one thread reuses from plane to plane. Not thread-safe.</summary>
internal sealed class CodingWorkspace
{
    private byte[] _trial = [];

    /// <summary>The most tables that a plane of the lane coder may have.</summary>
    public int MostLaneTables { get; init; } = LaneAnsTables.MaxCount;

    public Huffman.HuffmanWorkspace Huffman => field ??= new Huffman.HuffmanWorkspace();

    /// <summary>How hard repetitions are looked for.</summary>
    public LzEffort LzEffort { get; init; } = LzEffort.Quick;

    public Lz.LzWorkspace Lz => field ??= new Lz.LzWorkspace();

    public Lzw.LzwWorkspace Lzw => field ??= new Lzw.LzwWorkspace();

    public LaneAns.LaneAnsWorkspace LaneAns => field ??= new LaneAns.LaneAnsWorkspace();

    public ContextAns.ContextAnsWorkspace ContextAns => field ??= new ContextAns.ContextAnsWorkspace();

    /// <summary>Exactly as many bytes, for what may not be kept.</summary>
    public Span<byte> Trial(int length)
    {
        if (_trial.Length < length)
        {
            _trial = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)];
        }

        return _trial.AsSpan(0, length);
    }
}
