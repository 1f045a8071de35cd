namespace ModelPack.Coding.ContextAns;

/// <summary>What one thread's <see cref="ContextAnsCoder"/> reuses from plane to plane.</summary>
internal sealed class ContextAnsWorkspace
{
    private byte[] _scales = [];
    private ushort[] _words = [];

    public ContextAnsHeader Header { get; } = new();

    public ContextAnsDecodeTable Decode { get; } = new();

    public ContextAnsPlan Plan { get; } = new();

    public ulong[] EncodeTable { get; } = new ulong[ContextAnsModel.MaxContexts * ContextAnsTables.Symbols];

    public uint[] States { get; } = new uint[ContextAnsModel.Lanes];

    /// <summary>Exactly as many bytes, for the scales of a decoder.</summary>
    public Span<byte> Scales(int length)
    {
        CodingBuffers.Reserve(ref _scales, length);
        return _scales.AsSpan(0, length);
    }

    /// <summary>Exactly as many words, for the encoder.</summary>
    public Span<ushort> Words(int length)
    {
        CodingBuffers.Reserve(ref _words, length);
        return _words.AsSpan(0, length);
    }
}
