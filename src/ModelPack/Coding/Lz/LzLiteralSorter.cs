namespace ModelPack.Coding.Lz;

/// <summary>Sorts literals of one byte into streams by the byte before, the first ones behind matches apart where that pays (SPEC.md, "Literals").</summary>
internal sealed class LzLiteralSorter
{
    private readonly LzContexts _literals = new(LzFormat.LiteralContexts);
    private readonly LzContexts _first = new(LzFormat.LiteralContexts);
    private readonly LzContextMap _together = new(LzFormat.LiteralContexts);

    /// <summary>Says in the header which streams there are.</summary>
    public void Choose(ReadOnlySpan<byte> plane, ReadOnlySpan<LzSequence> sequences, LzHeader header)
    {
        _literals.Clear();
        Visit(plane, sequences, static (self, context, literal, _) => self._literals.Count(context, literal));
        long together = _literals.Choose(_together);

        _literals.Clear();
        _first.Clear();
        Visit(plane, sequences, static (self, context, literal, predicted) =>
        {
            if (predicted < 0)
            {
                self._literals.Count(context, literal);
            }
            else
            {
                self._first.Count(context, (byte)(literal ^ predicted));
            }
        });
        header.HasFirst = true;
        if (_literals.Choose(header.LiteralMap) + _first.Choose(header.FirstMap) >= together)
        {
            header.HasFirst = false;
            header.FirstMap.Clear();
            _literals.Clear();
            Visit(plane, sequences, static (self, context, literal, _) => self._literals.Count(context, literal));
            _ = _literals.Choose(header.LiteralMap);
        }

        _literals.CountStreams(header.LiteralMap, header.Literals);
        if (header.HasFirst)
        {
            _first.CountStreams(header.FirstMap, header.Firsts);
        }
    }

    /// <summary>Takes the literals into their streams, which lie one behind the other.</summary>
    public static void Take(ReadOnlySpan<byte> plane, ReadOnlySpan<LzSequence> sequences, LzHeader header, Span<byte> literals)
    {
        Span<int> next = stackalloc int[2 * LzContextMap.MaxStreams];
        int start = 0;
        for (int stream = 0; stream < header.Literals.Length; stream++)
        {
            next[stream] = start;
            start += header.Literals[stream].Length;
        }

        for (int stream = 0; header.HasFirst && stream < header.Firsts.Length; stream++)
        {
            next[LzContextMap.MaxStreams + stream] = start;
            start += header.Firsts[stream].Length;
        }

        int at = 0;
        int offset = 0;
        for (int i = 0; i <= sequences.Length; i++)
        {
            int end = i == sequences.Length ? plane.Length : at + sequences[i].Literals;
            int before = at == 0 ? 0 : plane[at - 1];
            if (header.HasFirst && offset > 0 && at < end)
            {
                int stream = header.FirstMap.StreamOf[before >> LzFormat.LiteralContextShift];
                literals[next[LzContextMap.MaxStreams + stream]++] = (byte)(plane[at] ^ plane[at - offset]);
                before = plane[at++];
            }

            for (; at < end; at++)
            {
                literals[next[header.LiteralMap.StreamOf[before >> LzFormat.LiteralContextShift]]++] = plane[at];
                before = plane[at];
            }

            if (i < sequences.Length)
            {
                at += sequences[i].Length;
                offset = sequences[i].Offset;
            }
        }
    }

    // For each literal its context and, for the first behind a match, the byte with which the match would have gone on, else -1.
    private void Visit(ReadOnlySpan<byte> plane, ReadOnlySpan<LzSequence> sequences, Action<LzLiteralSorter, int, byte, int> visit)
    {
        int at = 0;
        int offset = 0;
        for (int i = 0; i <= sequences.Length; i++)
        {
            int end = i == sequences.Length ? plane.Length : at + sequences[i].Literals;
            int before = at == 0 ? 0 : plane[at - 1];
            bool isFirst = offset > 0;
            for (; at < end; at++, isFirst = false)
            {
                visit(this, before >> LzFormat.LiteralContextShift, plane[at], isFirst ? plane[at - offset] : -1);
                before = plane[at];
            }

            if (i < sequences.Length)
            {
                at += sequences[i].Length;
                offset = sequences[i].Offset;
            }
        }
    }
}
