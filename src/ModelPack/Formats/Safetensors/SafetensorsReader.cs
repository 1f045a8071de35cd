using System.Buffers;
using System.Buffers.Binary;
using ModelPack.Primitives;

namespace ModelPack.Formats.Safetensors;

/// <summary>
/// Maps a safetensors file: 8 bytes header length, the JSON header, then the tensors' data without holes. The header and its
/// length are structure.
/// </summary>
/// <remarks>
/// A file that the reference implementation refuses is refused here, so that a map always tells what a model loader would
/// see. Memory: the header (100 MB at most) once, and the list of its tensors.
/// </remarks>
internal sealed class SafetensorsReader : IFormatReader
{
    /// <summary>Bytes of an unnamed file that are looked at for the beginning of a header.</summary>
    private const int ProbeLength = 4096;

    public ModelFormat Format => ModelFormat.Safetensors;

    public bool Recognises(ByteSource source) =>
        source.Name.EndsWith(SafetensorsFormat.Extension, StringComparison.OrdinalIgnoreCase) || LooksLikeHeader(source);

    public SegmentMap Read(ByteSource source, CancellationToken cancellationToken)
    {
        int headerLength = ReadHeaderLength(source);
        List<SafetensorsEntry> entries = ReadEntries(source, headerLength, cancellationToken);
        long dataStart = SafetensorsFormat.LengthSize + headerLength;
        Validate(entries, dataStart, source.Length);

        var map = new SegmentMap.Builder(ModelFormat.Safetensors, source.Length);
        foreach (SafetensorsEntry entry in entries)
        {
            // Validate has shown that every end lies in the file.
            int tensor = map.AddTensor(entry.Tensor);
            map.AddData(tensor, dataStart + (long)entry.Begin, (long)(entry.End - entry.Begin));
        }

        return map.Build();
    }

    /// <summary>True for a possible length followed by an object that is empty or begins with a key.</summary>
    private static bool LooksLikeHeader(ByteSource source)
    {
        Span<byte> buffer = stackalloc byte[ProbeLength];
        Span<byte> start = buffer[..(int)Math.Min(source.Length, ProbeLength)];
        source.ReadExactly(0, start);
        if (start.Length < SafetensorsFormat.LengthSize)
        {
            return false;
        }

        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (headerLength > SafetensorsFormat.MaxHeaderLength || (long)headerLength > source.Length - SafetensorsFormat.LengthSize)
        {
            return false;
        }

        ReadOnlySpan<byte> whiteSpace = " \t\r\n"u8;
        Span<byte> header = start[SafetensorsFormat.LengthSize..].TrimStart(whiteSpace);
        if (header.IsEmpty || header[0] != '{')
        {
            return false;
        }

        Span<byte> key = header[1..].TrimStart(whiteSpace);
        return !key.IsEmpty && key[0] is (byte)'"' or (byte)'}';
    }

    // SafeTensors::read_metadata: HeaderTooSmall, HeaderTooLarge, InvalidHeaderLength.
    private static int ReadHeaderLength(ByteSource source)
    {
        if (source.Length < SafetensorsFormat.LengthSize)
        {
            SafetensorsThrow.Corrupt(
                $"the file has {source.Length} bytes, but the header length alone takes {SafetensorsFormat.LengthSize}", source.Length);
        }

        Span<byte> bytes = stackalloc byte[SafetensorsFormat.LengthSize];
        source.ReadExactly(0, bytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length > SafetensorsFormat.MaxHeaderLength)
        {
            SafetensorsThrow.Corrupt($"the header length is {length}, but at most {SafetensorsFormat.MaxHeaderLength} is allowed", 0);
        }

        if ((long)length > source.Length - SafetensorsFormat.LengthSize)
        {
            SafetensorsThrow.Corrupt(
                $"the header length is {length}, but only {source.Length - SafetensorsFormat.LengthSize} bytes follow it", 0);
        }

        return (int)length;
    }

    private static List<SafetensorsEntry> ReadEntries(ByteSource source, int headerLength, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(headerLength);
        try
        {
            Span<byte> header = buffer.AsSpan(0, headerLength);
            source.ReadExactly(SafetensorsFormat.LengthSize, header);
            return SafetensorsHeaderReader.Read(header, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // HashMetadata::try_from sorts by (begin, end); Metadata::validate then wants each tensor to begin where the one before it
    // ends; SafeTensors::read_metadata wants the last one to end with the file (MetadataIncompleteBuffer).
    private static void Validate(List<SafetensorsEntry> entries, long dataStart, long fileLength)
    {
        SafetensorsEntry[] sorted = [.. entries];
        Array.Sort(sorted, static (a, b) => (a.Begin, a.End, a.Offset).CompareTo((b.Begin, b.End, b.Offset)));
        ulong position = 0;
        foreach (SafetensorsEntry entry in sorted)
        {
            Validate(entry, position);
            position = entry.End;
        }

        ulong dataLength = (ulong)(fileLength - dataStart);
        if (position != dataLength)
        {
            SafetensorsThrow.Corrupt(
                $"the tensors have {position} bytes, but {dataLength} bytes follow the header",
                dataStart + (long)Math.Min(position, dataLength));
        }
    }

    private static void Validate(in SafetensorsEntry entry, ulong expectedBegin)
    {
        if (entry.Begin != expectedBegin)
        {
            string fault = entry.Begin > expectedBegin ? "leaves a hole" : "overlaps";
            Refuse(entry, $"has its data at {entry.Begin} and so {fault}: the data before it ends at {expectedBegin}");
        }

        if (entry.End < entry.Begin)
        {
            Refuse(entry, $"has its data from {entry.Begin} to {entry.End}, which is backwards");
        }

        if (!SafetensorsFormat.TryGetDataLength(entry.Tensor.Dtype, entry.Tensor.Shape.AsSpan(), out ulong length, out string? reason))
        {
            Refuse(entry, $"is impossible: {reason}");
        }

        if (entry.End - entry.Begin != length)
        {
            Refuse(entry, $"has {entry.End - entry.Begin} bytes of data, but its shape and dtype take {length}");
        }
    }

    private static void Refuse(in SafetensorsEntry entry, string fault) =>
        SafetensorsThrow.Corrupt($"tensor {SafetensorsThrow.Quote(entry.Tensor.Name)} {fault}", entry.Offset);
}
