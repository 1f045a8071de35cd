using System.Numerics;

namespace ModelPack.Coding.Lz;

/// <summary>Which stream each context has. Reused.</summary>
/// <param name="count">Number of contexts.</param>
internal sealed class LzContextMap(int count)
{
    /// <summary>Most streams that contexts share.</summary>
    public const int MaxStreams = 8;

    /// <summary>Width of a stream's number.</summary>
    public const int StreamBits = 3;

    private readonly byte[] _streamOf = new byte[count];

    /// <summary>The stream of each context.</summary>
    public Span<byte> StreamOf => _streamOf;

    public int Streams
    {
        get
        {
            int last = 0;
            foreach (byte stream in _streamOf)
            {
                last = Math.Max(last, stream);
            }

            return last + 1;
        }
    }

    /// <summary>All contexts have one stream.</summary>
    public void Clear() => _streamOf.AsSpan().Clear();
}

/// <summary>
/// Sorts symbols into streams by their context: contexts whose symbols are alike share one. Integers throughout, so that every
/// machine chooses the same.
/// </summary>
/// <param name="contexts">Number of contexts.</param>
internal sealed class LzContexts(int contexts)
{
    // Symbols below which a second table eats what contexts save.
    private const int LeastSymbols = 512;

    // What a stream costs besides, and what each symbol costs in its table, in bits.
    private const int StreamCost = 60;
    private const int SymbolCost = 5;

    private readonly uint[] _counts = new uint[contexts * 256];
    private readonly long[] _costs = new long[contexts];
    private readonly long[] _pairs = new long[contexts * contexts];
    private readonly uint[] _merged = new uint[256];

    /// <summary>Bits that symbols of these counts take, with their table.</summary>
    public static long Cost(ReadOnlySpan<uint> counts)
    {
        long sum = 0;
        uint total = 0;
        int distinct = 0;
        foreach (uint count in counts)
        {
            if (count != 0)
            {
                sum += count * BinaryLogarithm.Approximate(count);
                total += count;
                distinct++;
            }
        }

        return total == 0 ? 0 : (((total * BinaryLogarithm.Approximate(total)) - sum) >> BinaryLogarithm.FractionBits) + (distinct * SymbolCost) + StreamCost;
    }

    public void Clear() => _counts.AsSpan().Clear();

    public void Count(int context, byte symbol) => _counts[(context << 8) | symbol]++;

    /// <summary>Chooses the stream of each context, as few as pay.</summary>
    /// <param name="map">Receives them.</param>
    /// <returns>Bits that all symbols take.</returns>
    public long Choose(LzContextMap map)
    {
        Span<byte> streamOf = map.StreamOf;
        uint total = 0;
        foreach (uint count in _counts)
        {
            total += count;
        }

        for (int context = 0; context < contexts; context++)
        {
            streamOf[context] = (byte)context;
            if (total < LeastSymbols && context > 0)
            {
                Merge(0, context, streamOf);
            }
        }

        for (int context = 0; context < contexts; context++)
        {
            _costs[context] = Cost(CountsOf(context));
        }

        int streams = total < LeastSymbols ? 1 : contexts;
        for (int second = 1; second < contexts && streams > 1; second++)
        {
            PricePairs(second, 0, second);
        }

        while (streams > 1 && TryMergeBest(streamOf, isForced: streams > LzContextMap.MaxStreams))
        {
            streams--;
        }

        long cost = 0;
        byte number = 0;
        Span<byte> numbers = stackalloc byte[contexts];
        for (int context = 0; context < contexts; context++)
        {
            bool isFirst = streamOf[context] == context;
            numbers[context] = isFirst ? number++ : numbers[streamOf[context]];
            cost += isFirst ? _costs[context] : 0;
        }

        numbers.CopyTo(streamOf);
        return cost + (streams > 1 ? contexts * LzContextMap.StreamBits : 0);
    }

    /// <summary>Symbols of each stream that was chosen.</summary>
    public void CountStreams(LzContextMap map, Span<LzStreamEntry> streams)
    {
        int next = 0;
        for (int context = 0; context < contexts; context++)
        {
            if (map.StreamOf[context] == next)
            {
                uint sum = 0;
                foreach (uint count in CountsOf(context))
                {
                    sum += count;
                }

                streams[next++].Length = (int)sum;
            }
        }
    }

    // Merges the two streams whose merging saves most; the merged one has the number of the first.
    private bool TryMergeBest(Span<byte> streamOf, bool isForced)
    {
        long most = isForced ? long.MinValue : -1;
        int best = 0;
        for (int second = 1; second < contexts; second++)
        {
            for (int first = 0; first < second && streamOf[second] == second; first++)
            {
                if (streamOf[first] == first && _costs[first] + _costs[second] - _pairs[(second * contexts) + first] > most)
                {
                    most = _costs[first] + _costs[second] - _pairs[(second * contexts) + first];
                    best = (second * contexts) + first;
                }
            }
        }

        if (best == 0)
        {
            return false;
        }

        int kept = best % contexts;
        _costs[kept] = _pairs[best];
        Merge(kept, best / contexts, streamOf);
        PricePairs(kept, 0, kept);
        for (int other = kept + 1; other < contexts; other++)
        {
            if (streamOf[other] == other)
            {
                PricePairs(other, kept, kept + 1);
            }
        }

        return true;
    }

    // What each context from the one to the other would cost in one stream with a later one.
    private void PricePairs(int second, int from, int to)
    {
        for (int first = from; first < to; first++)
        {
            Add(CountsOf(first), CountsOf(second), _merged);
            _pairs[(second * contexts) + first] = Cost(_merged);
        }
    }

    private void Merge(int first, int second, Span<byte> streamOf)
    {
        Add(CountsOf(first), CountsOf(second), CountsOf(first));
        foreach (ref byte stream in streamOf)
        {
            stream = stream == second ? (byte)first : stream;
        }
    }

    private static void Add(ReadOnlySpan<uint> first, ReadOnlySpan<uint> second, Span<uint> sum)
    {
        for (int i = 0; i <= sum.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            (new Vector<uint>(first[i..]) + new Vector<uint>(second[i..])).CopyTo(sum[i..]);
        }
    }

    private Span<uint> CountsOf(int context) => _counts.AsSpan(context << 8, 256);
}
