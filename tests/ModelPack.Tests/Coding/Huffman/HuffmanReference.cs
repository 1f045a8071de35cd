namespace ModelPack.Tests.Coding.Huffman;

/// <summary>A decoder written from Huffman/SPEC.md alone: bit by bit, for sound input only.</summary>
internal static class HuffmanReference
{
    public static byte[] Decode(byte[] coded, int planeLength)
    {
        int position = 0;
        int streamCount = Number(2) switch { 0 => 0, 1 => 1, 2 => 4, _ => 8 };
        if (streamCount == 0)
        {
            return [.. Enumerable.Repeat((byte)Number(8), planeLength)];
        }

        Dictionary<string, byte> symbols = CanonicalCodes(ReadTable());
        position = (position + 7) / 8 * 8;

        int partLength = planeLength / streamCount;
        int fieldBits = (partLength * 12 / 8) + 1 <= 65535 ? 16 : 32;
        var lengths = new List<int>();
        for (int i = 1; i < streamCount; i++)
        {
            lengths.Add(Number(fieldBits));
        }

        lengths.Add(coded.Length - (position / 8) - lengths.Sum());
        var plane = new List<byte>();
        for (int i = 0; i < streamCount; i++)
        {
            int end = position + (8 * lengths[i]);
            int partEnd = i == streamCount - 1 ? planeLength : partLength * (i + 1);
            while (plane.Count < partEnd)
            {
                string code = "";
                byte symbol;
                do
                {
                    code += Number(1);
                }
                while (!symbols.TryGetValue(code, out symbol));
                plane.Add(symbol);
            }

            Assert.Equal(1, Number(1));
            Assert.InRange(end - position, 0, 7);
            position = end;
        }

        return [.. plane];

        int Number(int bits)
        {
            int value = 0;
            for (int i = 0; i < bits; i++, position++)
            {
                value |= ((coded[position / 8] >> (position % 8)) & 1) << i;
            }

            return value;
        }

        int[] ReadTable()
        {
            int[] table = new int[256];
            int previous = 8;
            int symbol = 0;
            for (int kraft = 0; kraft < 4096;)
            {
                if (Number(1) == 1)
                {
                    if (Number(1) == 0)
                    {
                        previous += Number(1) == 0 ? 1 : -1;
                    }
                    else if (Number(1) == 0)
                    {
                        int width = 0;
                        while (Number(1) == 0)
                        {
                            width++;
                        }

                        symbol += (1 << width) + Number(width);
                        continue;
                    }
                    else
                    {
                        previous = Number(4);
                    }
                }

                table[symbol++] = previous;
                kraft += 1 << (12 - previous);
            }

            return table;
        }
    }

    /// <summary>Codes as strings of '0' and '1', first bit first.</summary>
    public static Dictionary<string, byte> CanonicalCodes(IReadOnlyList<int> lengths)
    {
        var codes = new Dictionary<string, byte>();
        int code = 0;
        for (int length = 1; length <= 12; length++)
        {
            code *= 2;
            for (int symbol = 0; symbol < 256; symbol++)
            {
                if (lengths[symbol] == length)
                {
                    codes.Add(Convert.ToString(code++, 2).PadLeft(length, '0'), (byte)symbol);
                }
            }
        }

        return codes;
    }
}
