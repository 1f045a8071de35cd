using System.Buffers.Binary;

namespace ModelPack.Fuzz;

/// <summary>A frame of a container, found by the text of FORMAT.md and not by the code under test.</summary>
/// <param name="Offset">Offset of its header.</param>
/// <param name="Kind">1 file, 2 block, 3 file end, 4 index, 5 base.</param>
/// <param name="Form">Form of a block.</param>
/// <param name="RestoredLength">Restored length as written.</param>
/// <param name="PayloadLength">Payload bytes, at most what is there.</param>
internal readonly record struct Frame(int Offset, byte Kind, byte Form, int RestoredLength, int PayloadLength)
{
    public const byte File = 1, Block = 2, FileEnd = 3, Index = 4, Base = 5;

    public const int ContainerHeaderLength = 32, HeaderLength = 24, TrailerLength = 40;

    public int PayloadOffset => Offset + HeaderLength;

    public int End => PayloadOffset + PayloadLength;

    /// <summary>The frames up to the index, whatever their checks say; a payload that passes the end of the bytes is cut there.</summary>
    public static List<Frame> Walk(ReadOnlySpan<byte> container)
    {
        var frames = new List<Frame>();
        for (int offset = ContainerHeaderLength; offset <= container.Length - HeaderLength;)
        {
            ReadOnlySpan<byte> header = container[offset..];
            long payload = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header[8..]), container.Length - offset - HeaderLength);
            var frame = new Frame(offset, header[0], header[1], BinaryPrimitives.ReadInt32LittleEndian(header[4..]), (int)payload);
            frames.Add(frame);
            if (frame.Kind == Index)
            {
                break;
            }

            offset = frame.End;
        }

        return frames;
    }
}
