using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>Cuts a plane into the sequences that together cost least, at the prices of an earlier parse.</summary>
internal sealed class LzOptimalParser
{
    // Positions of a stretch that is searched at once; it ends early where a match reaches beyond.
    private const int Stretch = 4096;

    // The longest match whose shorter parts are looked at too.
    private const int MostParts = 64;

    private struct Node
    {
        /// <summary>The least price known of getting here.</summary>
        public int Price;

        /// <summary>Literals right before, up to here.</summary>
        public int Literals;

        /// <summary>Units of the match that ends here; 0 when a literal does.</summary>
        public int Length;

        public int Offset;

        public LzRecentOffsets Recent;
    }

    private readonly Node[] _nodes = new Node[Stretch + 1];

    /// <summary>Cuts the plane.</summary>
    /// <param name="plane">Whole units.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes.</param>
    /// <param name="effort">How hard to look.</param>
    /// <param name="prices">What things cost.</param>
    /// <param name="chains">Scratch memory.</param>
    /// <param name="sequences">Receives the sequences.</param>
    public void Parse(ReadOnlySpan<byte> plane, int unitShift, LzEffort effort, LzPrices prices, LzChains chains, LzSequences sequences)
    {
        sequences.Clear();
        var finder = new LzMatchFinder(plane, unitShift, chains);
        int units = plane.Length >> unitShift;
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        int literals = 0;
        int at = 0;
        while (at < units)
        {
            _nodes[0] = new Node { Recent = recent, Literals = literals };
            int end = Search(plane, finder, at, Math.Min(Stretch, units - at), unitShift, effort, prices, out LzSequence beyond);
            literals = Emit(end, literals, sequences);
            recent = _nodes[end].Recent;
            at += end;
            if (beyond.Length > 0)
            {
                sequences.Add(beyond with { Literals = literals });
                recent.Use(beyond.Offset, recent.Find(beyond.Offset));
                for (int i = 1; i < beyond.Length && CanInsert(plane, (at + i) << unitShift); i++)
                {
                    _ = finder.Insert((at + i) << unitShift);
                }

                at += beyond.Length;
                literals = 0;
            }
        }
    }

    private static bool CanInsert(ReadOnlySpan<byte> plane, int position) => position <= plane.Length - LzMatchFinder.EndMargin;

    /// <summary>Finds the cheapest way through a stretch; returns where it ends, at a match that is taken whatever comes (<paramref name="beyond"/>) or at its end.</summary>
    [MethodImpl(KernelMethod.Options)]
    private int Search(
        ReadOnlySpan<byte> plane, LzMatchFinder finder, int start, int length, int unitShift, LzEffort effort, LzPrices prices, out LzSequence beyond)
    {
        beyond = default;
        for (int i = 1; i <= length; i++)
        {
            _nodes[i].Price = int.MaxValue;
        }

        int least = LzFormat.LeastMatch(unitShift);
        for (int i = 0; i < length; i++)
        {
            int position = (start + i) << unitShift;
            ref Node node = ref _nodes[i];
            ref Node next = ref _nodes[i + 1];
            int price = node.Price + prices.OfLiteral(plane, position) + LiteralRunPrice(prices, node.Literals);
            if (price < next.Price)
            {
                next = new Node { Price = price, Literals = node.Literals + 1, Recent = node.Recent };
            }

            int longest = 0;
            for (int source = 1; source <= 3; source++)
            {
                int offset = source == 1 ? node.Recent.First : source == 2 ? node.Recent.Second : node.Recent.Third;
                if (offset <= start + i)
                {
                    int units = finder.MatchLength(position - (offset << unitShift), position) >> unitShift;
                    if (units > effort.NiceLength || i + units > length)
                    {
                        if (units > effort.NiceLength || units >= MostParts)
                        {
                            beyond = new LzSequence(0, units, offset);
                            if (CanInsert(plane, position))
                            {
                                _ = finder.Insert(position);
                            }

                            return i;
                        }

                        units = length - i;
                    }

                    Reach(i, units, least, offset, source, 0, prices);
                    longest = Math.Max(longest, units);
                }
            }

            if (!CanInsert(plane, position))
            {
                continue;
            }

            int from = finder.Insert(position);
            longest = Math.Max(longest, least - 1);
            for (int looks = effort.Depth; from >= 0 && looks > 0; looks--, from = finder.Before(from))
            {
                int units = finder.MatchLength(from, position) >> unitShift;
                if (units <= longest)
                {
                    continue;
                }

                int offset = (position - from) >> unitShift;
                if (units > effort.NiceLength || (i + units > length && units >= MostParts))
                {
                    beyond = new LzSequence(0, units, offset);
                    return i;
                }

                units = Math.Min(units, length - i);
                if (units > longest)
                {
                    Reach(i, units, longest + 1, offset, node.Recent.Find(offset), prices.OfOffset(offset), prices);
                    longest = units;
                }
            }
        }

        return length;
    }

    // A run's fourth literal adds a length, which later ones only make dearer: priced once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LiteralRunPrice(LzPrices prices, int literals) => literals == LzFormat.LongLiterals - 1 ? prices.OfLength(0) : 0;

    /// <summary>Tries a match in all its lengths from <paramref name="shortest"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reach(int from, int longest, int shortest, int offset, int source, int offsetPrice, LzPrices prices)
    {
        ref Node node = ref _nodes[from];
        int least = shortest;
        LzRecentOffsets recent = node.Recent;
        recent.Use(offset, source);
        int before = node.Price + (source == 0 ? offsetPrice : 0);
        int leastMatch = prices.LeastMatch;

        // Of a long match only the longest parts are tried.
        for (int units = Math.Max(least, longest > MostParts ? longest - 1 : least); units <= longest; units++)
        {
            int above = units - leastMatch;
            int price = before + prices.OfToken(LzFormat.Token(node.Literals, source, above))
                + (above >= LzFormat.LongLength ? prices.OfLength(above - LzFormat.LongLength) : 0);
            ref Node to = ref _nodes[from + units];
            if (price < to.Price)
            {
                to = new Node { Price = price, Length = units, Offset = offset, Recent = recent };
            }
        }
    }

    /// <summary>Adds the sequences of the cheapest way to a node; returns the literals behind the last.</summary>
    private int Emit(int end, int literalsBefore, LzSequences sequences)
    {
        int first = sequences.Count;
        int at = end;
        int trailing = -1;
        while (at > 0)
        {
            ref Node node = ref _nodes[at];
            if (node.Length == 0)
            {
                int literals = Math.Min(node.Literals, at);
                trailing = trailing < 0 ? literals : trailing;
                at -= literals;
                continue;
            }

            trailing = Math.Max(trailing, 0);
            at -= node.Length;
            sequences.Add(new LzSequence(_nodes[at].Length == 0 ? _nodes[at].Literals : 0, node.Length, node.Offset));
        }

        sequences.Reverse(first);
        return sequences.Count == first ? literalsBefore + Math.Max(trailing, 0) : trailing;
    }
}
