using System.Text;
using Google.Protobuf;
using ModelPack.Formats.Onnx;
using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>Reads the fields of messages, none of which may reach behind the end of its own.</summary>
/// <param name="model">The model file.</param>
internal sealed class StubWire(ByteSource model) : IDisposable
{
    private readonly WireCursor _cursor = new(model);

    /// <summary>Offset of the next byte to be read.</summary>
    public long Position
    {
        get => _cursor.Position;
        set => _cursor.Position = value;
    }

    /// <summary>Where the field begins that is being read, for messages.</summary>
    public long FieldStart { get; private set; }

    /// <summary>Notes that a field begins here, and returns where.</summary>
    public long BeginField() => FieldStart = Position;

    public uint ReadTag() => _cursor.ReadTag();

    public ulong ReadVarint() => _cursor.ReadVarint();

    /// <summary>Reads a length, and says where the bytes behind it end.</summary>
    public long PayloadEnd(long end)
    {
        ulong length = ReadVarint();
        if (Position > end || length > (ulong)(end - Position))
        {
            OnnxThrow.Corrupt($"a field of {length} bytes ends behind its message", FieldStart);
        }

        return Position + (long)length;
    }

    /// <summary>Reads text; null for a longer one.</summary>
    public string? ReadText(long end, int longest)
    {
        long start = Position;
        Position = end;
        if (end - start > longest)
        {
            return null;
        }

        byte[] bytes = new byte[end - start];
        model.ReadExactly(start, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Passes over the value behind a tag.</summary>
    public void Skip(uint tag, long end)
    {
        int groups = 0;
        do
        {
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint:
                    ReadVarint();
                    break;
                case WireFormat.WireType.Fixed32:
                    Position += sizeof(uint);
                    break;
                case WireFormat.WireType.Fixed64:
                    Position += sizeof(ulong);
                    break;
                case WireFormat.WireType.LengthDelimited:
                    Position = PayloadEnd(end);
                    break;
                case WireFormat.WireType.StartGroup:
                    groups++;
                    break;
                case WireFormat.WireType.EndGroup when groups > 0:
                    groups--;
                    break;
                default:
                    OnnxThrow.Corrupt($"tag {tag} where a field should begin", FieldStart);
                    break;
            }

            if (Position > end)
            {
                OnnxThrow.Corrupt("a field ends behind its message", FieldStart);
            }

            if (groups > 0)
            {
                tag = ReadTag();
            }
        }
        while (groups > 0);
    }

    public void Dispose() => _cursor.Dispose();
}
