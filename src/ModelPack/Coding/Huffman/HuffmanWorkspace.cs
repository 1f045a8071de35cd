using ModelPack.Primitives;

namespace ModelPack.Coding.Huffman;

/// <summary>
/// What this coder keeps between calls on one thread: the code for the last histogram, which estimate and encoder share,
/// and the decoder's table.
/// </summary>
internal sealed class HuffmanWorkspace
{
    private readonly PackageMerge _packageMerge = new();
    private readonly uint[] _preparedCounts = new uint[HuffmanTable.SymbolCount];
    private readonly HuffmanTable _encodeTable = new();
    private readonly ulong[] _codes = new ulong[HuffmanTable.SymbolCount];
    private readonly byte[] _header = new byte[(HuffmanStreams.CodeBits + HuffmanTable.MaxCodedBits + 7) / 8];
    private int _headerLength;

    /// <summary>The table being decoded.</summary>
    public HuffmanTable DecodeTable { get; } = new();

    /// <summary>The look-up table being decoded with.</summary>
    public ushort[] Lookup { get; } = new ushort[HuffmanTable.LookupSize];

    /// <summary>Codes of the prepared histogram.</summary>
    public ReadOnlySpan<ulong> Codes => _codes;

    /// <summary>Stream count and table of the prepared histogram, padded to whole bytes.</summary>
    public ReadOnlySpan<byte> Header => _header.AsSpan(0, _headerLength);

    /// <summary>Bits that the codes of all symbols of the prepared histogram take.</summary>
    public long PayloadBits { get; private set; }

    /// <summary>Makes the code for a histogram with at least two values, unless it was the last one made.</summary>
    public void Prepare(PlaneHistogram histogram)
    {
        ReadOnlySpan<uint> counts = histogram.Counts;
        if (counts.SequenceEqual(_preparedCounts))
        {
            return;
        }

        _encodeTable.Optimize(counts, _packageMerge);
        _encodeTable.MakeCodes(_codes);

        var writer = new BitWriter(_header);
        _ = writer.TryWrite(HuffmanStreams.ToCode(HuffmanStreams.CountFor(histogram.Total)), HuffmanStreams.CodeBits);
        _ = _encodeTable.TryWrite(ref writer);
        _ = writer.TryFinish(out _headerLength);

        long bits = 0;
        ReadOnlySpan<byte> lengths = _encodeTable.Lengths;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            bits += (long)counts[symbol] * lengths[symbol];
        }

        PayloadBits = bits;
        counts.CopyTo(_preparedCounts);
    }
}
