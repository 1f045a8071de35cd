namespace ModelPack.Coding.Lz;

/// <summary>What of the token before is the context of a token.</summary>
internal enum LzTokenContext
{
    None,

    /// <summary>Its literals and where its offset comes from.</summary>
    LowBits,

    /// <summary>Its length.</summary>
    HighBits,
}

/// <summary>Sorts tokens into streams by the token before (SPEC.md, "Tokens"), and back.</summary>
internal sealed class LzTokens
{
    private readonly LzContexts _contexts = new(LzFormat.TokenContexts);

    /// <summary>The context that follows a token.</summary>
    public static int ContextOf(LzTokenContext kind, int before) => kind switch
    {
        LzTokenContext.LowBits => before & (LzFormat.TokenContexts - 1),
        LzTokenContext.HighBits => before >> LzFormat.LengthShift,
        _ => 0,
    };

    /// <summary>Says in the header which streams there are.</summary>
    public void Choose(ReadOnlySpan<byte> tokens, LzHeader header)
    {
        long least = long.MaxValue;
        LzTokenContext best = LzTokenContext.None;
        for (LzTokenContext kind = LzTokenContext.None; kind <= LzTokenContext.HighBits; kind++)
        {
            Count(tokens, kind);
            long cost = _contexts.Choose(header.TokenMap);
            if (cost < least)
            {
                least = cost;
                best = kind;
            }
        }

        Count(tokens, best);
        _ = _contexts.Choose(header.TokenMap);
        header.TokenContext = header.TokenMap.Streams > 1 ? best : LzTokenContext.None;
        _contexts.CountStreams(header.TokenMap, header.Tokens);
    }

    /// <summary>Takes the tokens into their streams, which lie one behind the other.</summary>
    public static void Split(ReadOnlySpan<byte> tokens, LzHeader header, Span<byte> streams)
    {
        Span<int> next = stackalloc int[LzContextMap.MaxStreams];
        Starts(header, next);
        int before = 0;
        foreach (byte token in tokens)
        {
            streams[next[header.TokenMap.StreamOf[ContextOf(header.TokenContext, before)]]++] = token;
            before = token;
        }
    }

    /// <summary>Inverse of <see cref="Split"/>; false when the streams are not used up together.</summary>
    public static bool TryMerge(ReadOnlySpan<byte> streams, LzHeader header, Span<byte> tokens)
    {
        Span<int> next = stackalloc int[LzContextMap.MaxStreams];
        Span<int> ends = stackalloc int[LzContextMap.MaxStreams];
        Starts(header, next);
        Starts(header, ends);
        for (int stream = 0; stream < header.Tokens.Length; stream++)
        {
            ends[stream] += header.Tokens[stream].Length;
        }

        int before = 0;
        ReadOnlySpan<byte> streamOf = header.TokenMap.StreamOf;
        LzTokenContext kind = header.TokenContext;
        foreach (ref byte token in tokens)
        {
            int stream = streamOf[ContextOf(kind, before)];
            if (next[stream] == ends[stream])
            {
                return false;
            }

            token = streams[next[stream]++];
            before = token;
        }

        return true;
    }

    private static void Starts(LzHeader header, Span<int> starts)
    {
        int start = 0;
        for (int stream = 0; stream < header.Tokens.Length; stream++)
        {
            starts[stream] = start;
            start += header.Tokens[stream].Length;
        }
    }

    private void Count(ReadOnlySpan<byte> tokens, LzTokenContext kind)
    {
        _contexts.Clear();
        int before = 0;
        foreach (byte token in tokens)
        {
            _contexts.Count(ContextOf(kind, before), token);
            before = token;
        }
    }
}
