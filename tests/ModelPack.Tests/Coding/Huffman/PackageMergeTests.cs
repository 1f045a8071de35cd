using ModelPack.Coding.Huffman;

namespace ModelPack.Tests.Coding.Huffman;

public sealed class PackageMergeTests
{
    [Theory]
    [InlineData(12)]
    [InlineData(5)]
    [InlineData(4)]
    public void Lengths_cost_the_least_that_the_limit_allows(int limit)
    {
        var random = new Random(20_240 + limit);
        for (int round = 0; round < 300; round++)
        {
            uint[] counts = RandomCounts(random, random.Next(2, 13));
            byte[] lengths = FindLengths(counts, limit);
            Assert.Equal(LeastCost(counts, limit), Cost(counts, lengths));
        }
    }

    [Fact]
    public void Codes_are_complete_whatever_the_alphabet()
    {
        var random = new Random(77);
        for (int symbols = 2; symbols <= 256; symbols++)
        {
            uint[] counts = RandomCounts(random, symbols);
            byte[] lengths = FindLengths(counts, HuffmanTable.MaxCodeLength);
            AssertComplete(counts, lengths, HuffmanTable.MaxCodeLength);
        }
    }

    [Fact]
    public void Limit_holds_for_fibonacci_counts()
    {
        // Unlimited, n Fibonacci counts give lengths 1, 2, …, n - 1, n - 1: the deepest code that such a sum can have.
        uint[] counts = new uint[256];
        (uint a, uint b) = (1, 1);
        for (int symbol = 0; symbol < 30; symbol++)
        {
            counts[symbol * 8] = a;
            (a, b) = (b, a + b);
        }

        byte[] lengths = FindLengths(counts, 12);
        AssertComplete(counts, lengths, 12);
        Assert.Equal(LeastCost(counts, 12), Cost(counts, lengths));
        Assert.Equal(12, lengths.Max());

        // With room enough they are the plain Huffman lengths.
        uint[] few = new uint[256];
        counts.AsSpan(0, 8 * 13).CopyTo(few);
        Assert.Equal([12, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], FindLengths(few, 12).Where(length => length != 0));
    }

    [Fact]
    public void All_256_symbols_fit_the_narrowest_limit()
    {
        uint[] counts = [.. Enumerable.Range(1, 256).Select(i => (uint)(i * i))];
        Assert.All(FindLengths(counts, 8), length => Assert.Equal(8, length));
    }

    [Fact]
    public void Largest_counts_of_a_plane_do_not_overflow()
    {
        uint[] counts = new uint[256];
        Array.Fill(counts, 1u);
        counts[200] = (1 << 24) - 255;
        byte[] lengths = FindLengths(counts, 12);
        AssertComplete(counts, lengths, 12);
        Assert.Equal(1, lengths[200]);
    }

    private static byte[] FindLengths(uint[] counts, int limit)
    {
        byte[] lengths = new byte[256];
        lengths.AsSpan().Fill(99);
        new PackageMerge().FindLengths(counts, limit, lengths);
        return lengths;
    }

    private static void AssertComplete(uint[] counts, byte[] lengths, int limit)
    {
        int kraft = 0;
        for (int symbol = 0; symbol < 256; symbol++)
        {
            Assert.Equal(counts[symbol] == 0, lengths[symbol] == 0);
            Assert.InRange(lengths[symbol], 0, limit);
            kraft += lengths[symbol] == 0 ? 0 : (1 << limit) >> lengths[symbol];
        }

        Assert.Equal(1 << limit, kraft);
    }

    private static uint[] RandomCounts(Random random, int symbols)
    {
        uint[] counts = new uint[256];
        int[] places = [.. Enumerable.Range(0, 256)];
        random.Shuffle(places);
        for (int i = 0; i < symbols; i++)
        {
            // Across magnitudes, with many ties.
            counts[places[i]] = (uint)random.Next(1, 1 << random.Next(1, 16));
        }

        return counts;
    }

    private static long Cost(uint[] counts, byte[] lengths) => counts.Zip(lengths, (count, length) => (long)count * length).Sum();

    // Independent of package-merge: in an optimal code lengths do not fall while counts do, so go through the counts from
    // the largest and choose how many symbols end at each depth, given how many nodes of the tree are still open there.
    private static long LeastCost(uint[] counts, int limit)
    {
        uint[] descending = [.. counts.Where(count => count != 0).OrderDescending()];
        long[] sums = new long[descending.Length + 1];
        for (int i = 0; i < descending.Length; i++)
        {
            sums[i + 1] = sums[i] + descending[i];
        }

        var known = new Dictionary<(int, int, int), long>();
        return Least(0, 0, 1);

        long Least(int depth, int done, int open)
        {
            int left = descending.Length - done;
            if (left == 0)
            {
                return 0;
            }

            // More open nodes than symbols left never help.
            open = Math.Min(open, left);
            if (depth == limit)
            {
                return open == left ? 0 : long.MaxValue / 4;
            }

            if (known.TryGetValue((depth, done, open), out long cost))
            {
                return cost;
            }

            cost = long.MaxValue / 4;
            for (int ending = 0; ending <= open; ending++)
            {
                if (ending < left && open == ending)
                {
                    continue;
                }

                // Every symbol that does not end here takes at least one bit more.
                long below = sums[^1] - sums[done + ending];
                cost = Math.Min(cost, below + Least(depth + 1, done + ending, 2 * (open - ending)));
            }

            return known[(depth, done, open)] = cost;
        }
    }
}
