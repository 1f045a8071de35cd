using System.Numerics;

namespace ModelPack.Tests.Coding;

/// <summary>
/// Decodes Lane ANS as SPEC.md says it, one bit at a time, without a line of the library's: a window is an integer of
/// all its bits that are still to come. Checks nothing but the end.
/// </summary>
internal sealed class LaneAnsReferenceDecoder
{
    private readonly byte[] _coded;
    private readonly int _stateBits;
    private readonly int _groups;
    private readonly List<List<(int? Symbol, int Bits, int Base)>> _tables = [];
    private readonly byte[] _chunkTables;
    private readonly BigInteger[] _windowBits;
    private readonly int[] _positions;
    private readonly int[] _lanes;
    private readonly int _literals;
    private int _nextLiteral;
    private int _nextWord;

    private LaneAnsReferenceDecoder(byte[] coded, int length)
    {
        _coded = coded;
        _stateBits = 7 + (coded[0] & 1);
        _groups = 1 + ((coded[0] >> 1) & 1);
        int tables = 1 + ((coded[0] >> 2) & 3);
        int symbols = coded[1];
        int at = 2 + symbols;
        for (int table = 0; table < tables; table++, at += symbols)
        {
            BuildStates(coded[2..(2 + symbols)], [.. coded[at..(at + symbols)].Select(field => tables == 1 ? field + 1 : field)]);
        }

        int chunks = (length + 255) / 256;
        int chunkBytes = tables == 1 ? 0 : (chunks + 3) / 4;
        _chunkTables = [.. Enumerable.Range(0, chunks).Select(chunk => (byte)(tables == 1 ? 0 : (coded[at + (chunk / 4)] >> (chunk % 4 * 2)) & 3))];
        at += chunkBytes;
        _literals = BitConverter.ToInt32(coded, at);
        at += 4;
        _positions = [.. coded[at..(at + (8 * _groups))].Select(position => (int)position)];
        at += 8 * _groups;
        _lanes = [.. coded[at..(at + (64 * _groups))].Select(state => (int)state)];
        _nextLiteral = at + (64 * _groups);
        _nextWord = _nextLiteral + _literals;
        _windowBits = new BigInteger[8 * _groups];
        for (int group = 0; group < _groups; group++)
        {
            for (int i = 0; i < 16; i++)
            {
                _windowBits[(8 * group) + (i % 8)] |= (BigInteger)TakeWord() << (64 * (i / 8));
            }
        }
    }

    public static byte[] Decode(byte[] coded, int length) => new LaneAnsReferenceDecoder(coded, length).Run(length);

    private byte[] Run(int length)
    {
        int firstLiteral = _nextLiteral;
        byte[] plane = new byte[length];
        for (int step = 0; step < length; step += 64 * _groups)
        {
            for (int window = 0; window < 8 * _groups; window++)
            {
                for (int lane = 8 * window; lane < 8 * (window + 1) && step + lane < length; lane++)
                {
                    (int? symbol, int bits, int stateBase) = _tables[_chunkTables[step / 256]][_lanes[lane]];
                    plane[step + lane] = symbol is { } value ? (byte)value : _coded[_nextLiteral++];
                    _lanes[lane] = stateBase;
                    for (int bit = 0; bit < bits; bit++, _positions[window]++)
                    {
                        _lanes[lane] += (int)((_windowBits[window] >> _positions[window]) & 1) << bit;
                    }
                }

                if (_positions[window] >= 64)
                {
                    _windowBits[window] = (_windowBits[window] >> 64) | ((BigInteger)TakeWord() << 64);
                    _positions[window] -= 64;
                }
            }
        }

        Assert.Equal(_literals, _nextLiteral - firstLiteral);
        Assert.True(_nextWord >= _coded.Length, "words are left");
        Assert.All(_lanes, state => Assert.Equal(0, state));
        Assert.All(_positions, position => Assert.Equal(63, position));
        Assert.All(_windowBits, bits => Assert.Equal(BigInteger.Zero, bits >> 63));
        return plane;
    }

    private ulong TakeWord()
    {
        ulong word = _nextWord < _coded.Length ? BitConverter.ToUInt64(_coded, _nextWord) : 0;
        _nextWord += 8;
        return word;
    }

    private void BuildStates(byte[] symbols, int[] frequencies)
    {
        int count = 1 << _stateBits;
        var slots = symbols.Zip(frequencies, (symbol, frequency) => (Symbol: (int?)symbol, Frequency: frequency)).ToList();
        slots.Add((null, count - slots.Sum(slot => slot.Frequency)));
        int?[] slotOfState = new int?[count];
        int state = 0;
        for (int slot = 0; slot < slots.Count; slot++)
        {
            for (int i = 0; i < slots[slot].Frequency; i++)
            {
                Assert.Null(slotOfState[state]);
                slotOfState[state] = slot;
                state = (state + (count / 2) + (count / 8) + 3) % count;
            }
        }

        List<(int? Symbol, int Bits, int Base)> states = [];
        _tables.Add(states);
        for (state = 0; state < count; state++)
        {
            int slot = slotOfState[state]!.Value;
            int x = slots[slot].Frequency + slotOfState.Take(state).Count(other => other == slot);
            int bits = _stateBits - (int)Math.Floor(Math.Log2(x));
            states.Add((slots[slot].Symbol, bits, (x * (1 << bits)) - count));
        }
    }
}
