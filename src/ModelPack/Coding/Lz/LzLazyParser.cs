using System.Numerics;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lz;

/// <summary>How hard a plane's repetitions are looked for.</summary>
/// <param name="Depth">Most positions of a chain that are looked at.</param>
/// <param name="NiceLength">Bytes of a match that is taken without looking further.</param>
/// <param name="OptimalPasses">How often the cheapest of all ways through the plane is searched.</param>
internal readonly record struct LzEffort(int Depth, int NiceLength, int OptimalPasses)
{
    /// <summary>A few times faster, for a few percent.</summary>
    public static LzEffort Quick => new(8, 128, OptimalPasses: 0);

    public static LzEffort Thorough => new(96, 512, OptimalPasses: 2);
}

/// <summary>
/// Cuts a plane into sequences: at each position the match that saves most, unless the next position has one that saves more.
/// </summary>
internal static class LzLazyParser
{
    // Prices are in 16ths of a bit.
    private const int BitPrice = 16;
    private const int TokenPrice = 5 * BitPrice;
    private const int OffsetPrice = 2 * BitPrice;
    private const int LongLengthPrice = 6 * BitPrice;

    // What starting a match one position later must save more, since it then ends later too.
    private const int LazyMargin = 2 * BitPrice;

    // After so many units without a match every second is looked at, after twice as many every third … up to every eighth;
    // but the first ones of a stretch all: what is looked at there meets what a longer stride remembered.
    private const int SkipShift = 7;
    private const int LongestStride = 8;
    private const int Stretch = 4096;
    private const int DenseStart = 64;

    // Units between two looks at whether coding is still worth it.
    private const int UnitsPerReview = 8192;

    private ref struct Match
    {
        public int Length;
        public int Offset;
        public int Source;
        public int Saving;
    }

    /// <summary>Cuts the plane; false when it seems to save less than <paramref name="leastSaving"/>.</summary>
    /// <param name="plane">Whole units.</param>
    /// <param name="unitShift">Binary logarithm of a unit's bytes.</param>
    /// <param name="literalPrice">What a unit costs that is in no match, in 16ths of a bit.</param>
    /// <param name="effort">How hard to look.</param>
    /// <param name="leastSaving">Parts in 256 of the literals' price that matches must save for the plane to be worth going on; 0 for none.</param>
    /// <param name="chains">Scratch memory.</param>
    /// <param name="sequences">Receives the sequences.</param>
    [MethodImpl(KernelMethod.Options)]
    public static bool TryParse(
        ReadOnlySpan<byte> plane, int unitShift, int literalPrice, LzEffort effort, int leastSaving, LzChains chains, LzSequences sequences)
    {
        sequences.Clear();
        var finder = new LzMatchFinder(plane, unitShift, chains);
        var pricing = new Pricing(finder, unitShift, literalPrice, effort);
        LzRecentOffsets recent = LzRecentOffsets.Initial;
        int unit = 1 << unitShift;
        int end = plane.Length - LzMatchFinder.EndMargin;
        int anchor = 0;
        int at = 0;

        // Positions below are in the chains, or were skipped.
        int inserted = 0;
        int review = UnitsPerReview << unitShift;
        long saved = 0;
        while (at <= end)
        {
            if (at >= review)
            {
                review = at + (UnitsPerReview << unitShift);
                if (saved < (((long)at >> unitShift) * literalPrice >> 8) * leastSaving)
                {
                    return false;
                }
            }

            Match best = pricing.Best(at, recent, isKnown: at < inserted);
            inserted = Math.Max(inserted, at + unit);
            if (best.Saving <= 0)
            {
                bool isDense = ((at >> unitShift) & (Stretch - 1)) < DenseStart;
                at += (isDense ? 1 : Math.Min(LongestStride, 1 + ((at - anchor) >> (SkipShift + unitShift)))) << unitShift;
                continue;
            }

            // A match of one unit is over before the next begins.
            while (best.Length > unit && best.Length < effort.NiceLength && at + unit <= end)
            {
                Match next = pricing.Best(at + unit, recent, isKnown: false);
                inserted = at + unit + unit;
                if (next.Saving <= best.Saving + LazyMargin)
                {
                    break;
                }

                best = next;
                at += unit;
            }

            sequences.Add(new LzSequence((at - anchor) >> unitShift, best.Length >> unitShift, best.Offset >> unitShift));
            recent.Use(best.Offset >> unitShift, best.Source);
            saved += best.Saving;
            at += best.Length;
            for (int last = Math.Min(at - unit, end); inserted <= last; inserted += unit)
            {
                _ = finder.Insert(inserted);
            }

            anchor = at;
        }

        return true;
    }

    private readonly ref struct Pricing(LzMatchFinder finder, int unitShift, int literalPrice, LzEffort effort)
    {
        private readonly LzMatchFinder _finder = finder;
        private readonly int _least = LzFormat.LeastMatch(unitShift) << unitShift;

        /// <summary>The match at a position that saves most, and remembers the position if it is not known yet.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Match Best(int at, LzRecentOffsets recent, bool isKnown)
        {
            Match best = default;
            TryRecent(ref best, at, recent.First, 1);
            TryRecent(ref best, at, recent.Second, 2);
            TryRecent(ref best, at, recent.Third, 3);
            int from = isKnown ? _finder.Before(at) : _finder.Insert(at);
            for (int looks = effort.Depth; from >= 0 && looks > 0 && best.Length < effort.NiceLength; looks--)
            {
                int length = _finder.MatchLength(from, at);
                if (length > best.Length || (length >= _least && best.Length == 0))
                {
                    int saving = Saving(length) - OffsetPrice - (BitPrice * BitOperations.Log2((uint)((at - from) >> unitShift)));
                    if (saving > best.Saving)
                    {
                        int source = recent.Find((at - from) >> unitShift);
                        best = new Match { Length = length, Offset = at - from, Source = source, Saving = saving };
                    }
                }

                from = _finder.Before(from);
            }

            return best;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void TryRecent(ref Match best, int at, int offset, int source)
        {
            int from = at - (offset << unitShift);
            if (from < 0)
            {
                return;
            }

            int length = _finder.MatchLength(from, at);
            if (length >= _least && Saving(length) is var saving && saving > best.Saving)
            {
                best = new Match { Length = length, Offset = at - from, Source = source, Saving = saving };
            }
        }

        // Without the price of an offset.
        private int Saving(int length)
        {
            int units = length >> unitShift;
            long saving = ((long)units * literalPrice) - TokenPrice - (units >= LzFormat.LongLength ? LongLengthPrice : 0);
            return (int)Math.Min(saving, int.MaxValue / 2);
        }
    }
}
