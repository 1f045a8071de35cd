namespace ModelPack.Coding.Lz;

/// <summary>The sequences that a plane was cut into. Reused.</summary>
internal sealed class LzSequences
{
    private LzSequence[] _items = [];

    public int Count { get; private set; }

    public ReadOnlySpan<LzSequence> Items => _items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(in LzSequence sequence)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(1024, 2 * Count));
        }

        _items[Count++] = sequence;
    }

    /// <summary>Turns the order of those from an index on around.</summary>
    public void Reverse(int from) => _items.AsSpan(from, Count - from).Reverse();
}
