using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ModelPack.TestModels.Safetensors;

/// <summary>
/// Writes safetensors files byte for byte as the upstream library does (huggingface/safetensors,
/// <c>safetensors/src/tensor.rs</c>, <c>prepare</c>): widest dtype first, then by name, the header padded with spaces to
/// a multiple of 8.
/// </summary>
internal static class SafetensorsWriter
{
    private const string MetadataKey = "__metadata__";

    /// <summary>The dtypes in upstream's order (<c>enum Dtype</c>), by which tensors are sorted, last first.</summary>
    public static readonly Dtype[] UpstreamOrder =
    [
        Dtype.Bool, Dtype.F4, Dtype.F6E2M3, Dtype.F6E3M2, Dtype.U8, Dtype.I8, Dtype.F8E5M2, Dtype.F8E4M3, Dtype.F8E8M0,
        Dtype.F8E4M3Fnuz, Dtype.F8E5M2Fnuz, Dtype.I16, Dtype.U16, Dtype.F16, Dtype.BF16, Dtype.I32, Dtype.U32, Dtype.F32,
        Dtype.C64, Dtype.F64, Dtype.I64, Dtype.U64,
    ];

    /// <summary>The metadata that files saved from PyTorch carry.</summary>
    public static readonly IReadOnlyDictionary<string, string> PyTorchMetadata = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>Writes a whole file at the stream's position.</summary>
    /// <param name="output">A seekable stream.</param>
    /// <param name="tensors">In any order; names must differ.</param>
    /// <param name="metadata">Text for <c>__metadata__</c>, in order; null leaves it out.</param>
    /// <exception cref="ModelPackException">A name is used twice or reserved, or safetensors has no such dtype.</exception>
    public static void Write(Stream output, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        // Upstream compares names as UTF-8.
        SafetensorsTensor[] ordered =
        [
            .. tensors
                .OrderByDescending(tensor => OrderOf(tensor.Info))
                .ThenBy(tensor => Encoding.UTF8.GetBytes(tensor.Info.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))),
        ];
        byte[] header = Encoding.UTF8.GetBytes(Header(ordered, metadata));
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        output.Write(length);
        output.Write(header);
        foreach (SafetensorsTensor tensor in ordered)
        {
            long start = output.Position;
            tensor.WriteData(output);
            long written = output.Position - start;
            if (written != tensor.ByteLength)
            {
                throw new InvalidOperationException($"tensor '{tensor.Info.Name}' wrote {written} of {tensor.ByteLength} bytes");
            }
        }
    }

    private static int OrderOf(TensorInfo info)
    {
        int order = Array.IndexOf(UpstreamOrder, info.Dtype);
        return order >= 0
            ? order
            : throw new ModelPackException(ModelPackError.Unsupported, $"tensor '{info.Name}' is {info.Dtype.DisplayName()}, which safetensors cannot hold");
    }

    private static string Header(SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new StringBuilder("{");
        if (metadata is not null)
        {
            AppendKey(json, MetadataKey);
            json.Append('{');
            foreach ((string key, string value) in metadata)
            {
                AppendKey(json, key);
                AppendString(json, value);
            }

            json.Append('}');
        }

        var names = new HashSet<string>(StringComparer.Ordinal) { MetadataKey };
        long offset = 0;
        foreach (SafetensorsTensor tensor in tensors)
        {
            TensorInfo info = tensor.Info;
            if (!names.Add(info.Name))
            {
                throw new ModelPackException(ModelPackError.Unsupported, $"the tensor name '{info.Name}' is reserved or used twice");
            }

            long end = checked(offset + tensor.ByteLength);
            AppendKey(json, info.Name);
            json.Append(CultureInfo.InvariantCulture, $"{{\"dtype\":\"{info.Dtype.DisplayName()}\",\"shape\":[")
                .AppendJoin(',', info.Shape)
                .Append(CultureInfo.InvariantCulture, $"],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
        }

        json.Append('}');
        int padding = -Encoding.UTF8.GetByteCount(json.ToString()) & 7;
        return json.Append(' ', padding).ToString();
    }

    private static void AppendKey(StringBuilder json, string key)
    {
        if (json[^1] != '{')
        {
            json.Append(',');
        }

        AppendString(json, key);
        json.Append(':');
    }

    /// <summary>Escapes what serde_json does: quote, backslash and control characters.</summary>
    private static void AppendString(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}
