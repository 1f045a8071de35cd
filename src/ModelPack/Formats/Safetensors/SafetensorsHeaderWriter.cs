using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelPack.Formats.Safetensors;

/// <summary>Writes the header of a safetensors file that holds one tensor; the tensor's bytes follow it as they are.</summary>
internal static class SafetensorsHeaderWriter
{
    // Names reach a file, never a page: only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Header length and header, padded with spaces to a multiple of 8 bytes (<c>prepare</c> of the reference implementation).</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dtype">Its element type; one that the format has.</param>
    /// <param name="shape">Its dimensions, outermost first.</param>
    /// <param name="dataLength">Bytes that will follow; what <paramref name="dtype"/> and <paramref name="shape"/> take.</param>
    /// <exception cref="ModelPackException"><see cref="ModelPackError.InvalidRequest"/>: the format cannot hold such a tensor.</exception>
    public static byte[] Write(string name, Dtype dtype, ReadOnlySpan<ulong> shape, long dataLength)
    {
        RefuseName(name);
        RefuseData(name, dtype, shape, dataLength);

        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write<byte>(stackalloc byte[SafetensorsFormat.LengthSize]);
        WriteJson(buffer, name, dtype, shape, dataLength);
        while (buffer.WrittenCount % SafetensorsFormat.LengthSize != 0)
        {
            buffer.Write(" "u8);
        }

        int headerLength = buffer.WrittenCount - SafetensorsFormat.LengthSize;
        if (headerLength > SafetensorsFormat.MaxHeaderLength)
        {
            SafetensorsThrow.CannotWrite(
                name, $"its header would have {headerLength} bytes, but at most {SafetensorsFormat.MaxHeaderLength} are allowed");
        }

        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)headerLength);
        return header;
    }

    private static void RefuseName(string name)
    {
        if (name == SafetensorsFormat.MetadataKey)
        {
            SafetensorsThrow.CannotWrite(name, "the format reserves that name");
        }

        if (name.Length > SafetensorsFormat.MaxHeaderLength)
        {
            SafetensorsThrow.CannotWrite(name, $"its name alone is longer than the {SafetensorsFormat.MaxHeaderLength} bytes of a header");
        }

        if (HasLoneSurrogate(name))
        {
            SafetensorsThrow.CannotWrite(name, "its name has half of a surrogate pair");
        }
    }

    private static bool HasLoneSurrogate(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogate(name[i]))
            {
                if (i + 1 == name.Length || !char.IsSurrogatePair(name[i], name[i + 1]))
                {
                    return true;
                }

                i++;
            }
        }

        return false;
    }

    private static void RefuseData(string name, Dtype dtype, ReadOnlySpan<ulong> shape, long dataLength)
    {
        if (!SafetensorsFormat.Dtypes.Contains(dtype))
        {
            SafetensorsThrow.CannotWrite(name, $"the format has no dtype {(dtype.IsDefined() ? dtype.DisplayName() : dtype)}");
        }

        if (!SafetensorsFormat.TryGetDataLength(dtype, shape, out ulong length, out string? reason))
        {
            SafetensorsThrow.CannotWrite(name, reason);
        }

        if (dataLength < 0 || (ulong)dataLength != length)
        {
            SafetensorsThrow.CannotWrite(name, $"it has {dataLength} bytes, but its shape and dtype take {length}");
        }
    }

    private static void WriteJson(ArrayBufferWriter<byte> buffer, string name, Dtype dtype, ReadOnlySpan<ulong> shape, long dataLength)
    {
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteStartObject(name);
        json.WriteString("dtype"u8, dtype.DisplayName());
        json.WriteStartArray("shape"u8);
        foreach (ulong dimension in shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets"u8);
        json.WriteNumberValue(0);
        json.WriteNumberValue(dataLength);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
