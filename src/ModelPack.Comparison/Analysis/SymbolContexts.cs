namespace ModelPack.Comparison.Analysis;

/// <summary>Counts the symbols of a tensor in two contexts that coders use. Reused from tensor to tensor.</summary>
internal sealed class SymbolContexts
{
    /// <summary>Symbols of a chunk: as many as the lane coder gives one table (Coding/LaneAns/SPEC.md, "Tables").</summary>
    public const int ChunkLength = 256;

    /// <summary>Symbols from which on the entropies are stated: with fewer, most contexts are met too seldom to tell anything.</summary>
    public const long LeastSymbols = 1 << 16;

    private const int Symbols = 256;

    private readonly long[] _byClass = new long[Symbols * Symbols];
    private readonly long[] _byPrevious = new long[Symbols * Symbols];
    private long _count;

    /// <summary>Bits a symbol when the mean symbol, rounded, of its chunk of 256 neighbours is known; null for few symbols.</summary>
    public double? BitsGivenClass => BitsOf(_byClass);

    /// <summary>Bits a symbol when the one before it is known; null for few symbols.</summary>
    public double? BitsGivenPrevious => BitsOf(_byPrevious);

    public void Clear()
    {
        Array.Clear(_byClass);
        Array.Clear(_byPrevious);
        _count = 0;
    }

    /// <summary>Adds symbols in file order; all parts but the last have whole chunks. A part's first symbol has none before it.</summary>
    public void Add(ReadOnlySpan<byte> symbols)
    {
        _count += symbols.Length;
        for (int start = 0; start < symbols.Length; start += ChunkLength)
        {
            AddChunk(symbols.Slice(start, Math.Min(ChunkLength, symbols.Length - start)));
        }

        byte previous = symbols.IsEmpty ? (byte)0 : symbols[0];
        foreach (byte symbol in symbols)
        {
            _byPrevious[(previous * Symbols) + symbol]++;
            previous = symbol;
        }
    }

    private void AddChunk(ReadOnlySpan<byte> chunk)
    {
        int sum = 0;
        foreach (byte symbol in chunk)
        {
            sum += symbol;
        }

        Span<long> counts = _byClass.AsSpan((sum + (chunk.Length / 2)) / chunk.Length * Symbols, Symbols);
        foreach (byte symbol in chunk)
        {
            counts[symbol]++;
        }
    }

    private double? BitsOf(long[] counts) => _count < LeastSymbols ? null : Entropy.ConditionalBits(counts, Symbols) / _count;
}
