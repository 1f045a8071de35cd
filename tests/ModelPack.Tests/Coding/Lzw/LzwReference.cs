namespace ModelPack.Tests.Coding.Lzw;

/// <summary>A textbook decoder and a bit packer written from Lzw/SPEC.md alone: strings, no tricks, for sound input only.</summary>
internal static class LzwReference
{
    public const int Reset = 256;

    /// <summary>What <see cref="Decode"/> found.</summary>
    public sealed record Result(byte[] Plane, List<int> Codes, int Bits);

    public static Result Decode(byte[] coded, int planeLength)
    {
        var plane = new List<byte>(planeLength);
        var codes = new List<int>();
        var entries = new List<byte[]>();
        byte[]? previous = null;
        int position = 0;
        int k = 0;
        while (plane.Count < planeLength)
        {
            int width = Width(k);
            int code = 0;
            for (int i = 0; i < width; i++, position++)
            {
                code |= ((coded[position / 8] >> (position % 8)) & 1) << i;
            }

            codes.Add(code);
            if (code == Reset)
            {
                entries.Clear();
                previous = null;
                k = 0;
                continue;
            }

            byte[] text = code < 256 ? [(byte)code]
                : code < 257 + entries.Count ? entries[code - 257]
                : [.. previous!, previous![0]];
            if (previous is not null && 257 + entries.Count < 65536)
            {
                entries.Add([.. previous, text[0]]);
            }

            plane.AddRange(text);
            previous = text;
            k++;
        }

        return new Result([.. plane], codes, position);
    }

    /// <summary>The greedy codes of a plane that does not fill the dictionary.</summary>
    public static List<int> Encode(byte[] plane)
    {
        var entries = new Dictionary<(int Prefix, byte Next), int>();
        var codes = new List<int>();
        int code = plane[0];
        foreach (byte next in plane.Skip(1))
        {
            if (entries.TryGetValue((code, next), out int longer))
            {
                code = longer;
                continue;
            }

            codes.Add(code);
            entries.Add((code, next), 257 + entries.Count);
            code = next;
        }

        codes.Add(code);
        Assert.True(257 + entries.Count < 65_536, "the dictionary filled");
        return codes;
    }

    /// <summary>Packs codes, with the width that each has in its place.</summary>
    public static byte[] Pack(IEnumerable<int> codes)
    {
        var bits = new List<bool>();
        int k = 0;
        foreach (int code in codes)
        {
            for (int i = 0; i < Width(k); i++)
            {
                bits.Add(((code >> i) & 1) != 0);
            }

            k = code == Reset ? 0 : k + 1;
        }

        byte[] bytes = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            bytes[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        }

        return bytes;
    }

    // The table in SPEC.md, "Width".
    public static int Width(int k) => k switch
    {
        <= 255 => 9,
        <= 767 => 10,
        <= 1791 => 11,
        <= 3839 => 12,
        <= 7935 => 13,
        <= 16127 => 14,
        <= 32511 => 15,
        _ => 16,
    };
}
