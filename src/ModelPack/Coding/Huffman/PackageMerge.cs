namespace ModelPack.Coding.Huffman;

/// <summary>
/// Optimal code lengths under a limit: package-merge (Larmore and Hirschberg, "A fast algorithm for optimal
/// length-limited Huffman codes", JACM 37 (1990)). Holds its scratch memory; nothing carries over between calls.
/// </summary>
internal sealed class PackageMerge
{
    private const int MaxLimit = 16;
    private const int MaxItems = 2 * 256;

    // Weights in ascending order from index 1 on, between a sentinel below and one above all weights.
    private readonly uint[] _leaves = new uint[256 + 2];
    private readonly uint[] _packages = new uint[256 + 2];
    private readonly uint[] _merged = new uint[MaxItems];
    private readonly byte[] _symbols = new byte[256];

    // For every level, one byte an item of its merged list: 1 for a leaf, 0 for a package.
    private readonly byte[] _isLeaf = new byte[MaxLimit * MaxItems];

    /// <summary>Finds a length for every symbol so that the sum of count times length is least.</summary>
    /// <param name="counts">
    /// 256 counts. At least 2 and at most 2^<paramref name="limit"/> of them are not zero, each is below 2^24, and their
    /// sum times <paramref name="limit"/> is below 2^32, so that packages fit 32 bits.
    /// </param>
    /// <param name="limit">Longest length allowed, 1 to 16.</param>
    /// <param name="lengths">256 lengths; 0 where the count is 0. Their Kraft sum is exactly 1.</param>
    public void FindLengths(ReadOnlySpan<uint> counts, int limit, Span<byte> lengths)
    {
        int leafCount = SortLeaves(counts);
        MergeLevels(leafCount, limit);

        // The cheapest 2n - 2 items of the top list pay for the code; a package among them pays for two items one level
        // below. A symbol's length is the number of levels in which its leaf was paid for.
        lengths.Clear();
        int paid = (2 * leafCount) - 2;
        for (int level = limit - 1; level >= 0; level--)
        {
            int paidLeaves = _isLeaf.AsSpan(level * MaxItems, paid).Count((byte)1);
            foreach (byte symbol in _symbols.AsSpan(0, paidLeaves))
            {
                lengths[symbol]++;
            }

            paid = 2 * (paid - paidLeaves);
        }
    }

    private int SortLeaves(ReadOnlySpan<uint> counts)
    {
        int leafCount = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] != 0)
            {
                _leaves[++leafCount] = (counts[symbol] << 8) | (uint)symbol;
            }
        }

        Span<uint> keys = _leaves.AsSpan(1, leafCount);
        keys.Sort();
        for (int i = 0; i < leafCount; i++)
        {
            _symbols[i] = (byte)keys[i];
            keys[i] >>= 8;
        }

        _leaves[leafCount + 1] = uint.MaxValue;
        return leafCount;
    }

    private void MergeLevels(int leafCount, int limit)
    {
        int size = 0;
        for (int level = 0; level < limit; level++)
        {
            int packageCount = size / 2;
            for (int i = 0; i < packageCount; i++)
            {
                _packages[i + 1] = _merged[2 * i] + _merged[(2 * i) + 1];
            }

            _packages[packageCount + 1] = uint.MaxValue;
            size = leafCount + packageCount;
            Merge(leafCount, _merged.AsSpan(0, size), _isLeaf.AsSpan(level * MaxItems, size));
        }
    }

    // Merges from both ends at once: each step waits for the one before, so two chains take half the time. Which item is
    // taken is close to random and must not be a branch. A leaf comes before a package of the same weight.
    private void Merge(int leafCount, Span<uint> merged, Span<byte> isLeaf)
    {
        uint[] leaves = _leaves;
        uint[] packages = _packages;
        int low = 1;
        int high = leafCount;
        int bottom = 0;
        for (int top = merged.Length - 1; bottom < top; bottom++, top--)
        {
            uint leaf = leaves[low];
            uint package = packages[bottom + 2 - low];
            int takesLeaf = leaf <= package ? 1 : 0;
            merged[bottom] = Math.Min(leaf, package);
            isLeaf[bottom] = (byte)takesLeaf;
            low += takesLeaf;

            leaf = leaves[high];
            package = packages[top + 1 - high];
            takesLeaf = leaf > package ? 1 : 0;
            merged[top] = Math.Max(leaf, package);
            isLeaf[top] = (byte)takesLeaf;
            high -= takesLeaf;
        }

        if (bottom < merged.Length && merged.Length % 2 != 0)
        {
            uint leaf = leaves[low];
            uint package = packages[bottom + 2 - low];
            merged[bottom] = Math.Min(leaf, package);
            isLeaf[bottom] = (byte)(leaf <= package ? 1 : 0);
        }
    }
}
