using System.Text;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>Protocol Buffers bytes written by hand, for what generated classes never write (encoding guide of protobuf.dev).</summary>
internal static class WireBytes
{
    public const int VarintType = 0;
    public const int DelimitedType = 2;
    public const int StartGroupType = 3;
    public const int EndGroupType = 4;

    public static byte[] Concat(params byte[][] parts)
    {
        byte[] all = new byte[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(all, at);
            at += part.Length;
        }

        return all;
    }

    public static byte[] Repeat(int count, params byte[] part) => Concat([.. Enumerable.Repeat(part, count)]);

    /// <param name="value">The value.</param>
    /// <param name="length">Bytes to take; more than needed gives a non-minimal varint.</param>
    public static byte[] Varint(ulong value, int length = 1)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80 || bytes.Count < length - 1; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    public static byte[] Tag(int number, int wireType) => Varint(((ulong)number << 3) | (uint)wireType);

    public static byte[] Number(int field, ulong value) => Concat(Tag(field, VarintType), Varint(value));

    public static byte[] Bytes(int field, params byte[][] payload)
    {
        byte[] content = Concat(payload);
        return Concat(Tag(field, DelimitedType), Varint((ulong)content.Length), content);
    }

    public static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Group(int field, params byte[][] content) =>
        Concat(Tag(field, StartGroupType), Concat(content), Tag(field, EndGroupType));

    /// <summary>A model whose graph holds the given fields.</summary>
    public static byte[] Model(params byte[][] graphFields) => Concat(Number(1, 8), Bytes(7, graphFields));

    /// <summary>A model whose only initializer holds the given fields.</summary>
    public static byte[] Initializer(params byte[][] tensorFields) => Model(Bytes(5, tensorFields));
}
