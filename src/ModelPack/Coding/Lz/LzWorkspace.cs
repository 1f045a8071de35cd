namespace ModelPack.Coding.Lz;

/// <summary>What this coder keeps between calls on one thread.</summary>
internal sealed class LzWorkspace
{
    public LzHeader Header { get; } = new();

    public LzChains Chains => field ??= new LzChains();

    public LzSequences Sequences => field ??= new LzSequences();

    public LzEncoder Encoder => field ??= new LzEncoder();

    public LzPrices Prices => field ??= new LzPrices();

    public LzOptimalParser OptimalParser => field ??= new LzOptimalParser();

    private byte[] _streams = [];

    private byte[] _tokens = [];

    private byte[] _units = [];

    /// <summary>Room for tokens in their order.</summary>
    public Span<byte> Tokens(int length) => Reserve(ref _tokens, length);

    /// <summary>Room for streams.</summary>
    public Span<byte> Streams(int length) => Reserve(ref _streams, length);

    /// <summary>Room for literals of several bytes.</summary>
    public Span<byte> Units(int length) => Reserve(ref _units, length);

    private static Span<byte> Reserve(ref byte[] buffer, int length)
    {
        CodingBuffers.Reserve(ref buffer, length);
        return buffer.AsSpan(0, length);
    }
}
