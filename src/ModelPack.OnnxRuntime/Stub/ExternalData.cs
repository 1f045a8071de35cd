using System.Globalization;
using System.Text;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>What <c>external_data</c> of a <c>TensorProto</c> says (onnx/docs/ExternalData.md).</summary>
internal sealed class ExternalData
{
    private readonly Dictionary<string, string> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a key; the last of a key counts.</summary>
    public void Add(string key, string value) => _entries[key] = value;

    public void Clear() => _entries.Clear();

    /// <summary>Path of the data file, relative to the folder of the model.</summary>
    /// <exception cref="ModelPackException">There is none.</exception>
    public string Location => _entries.GetValueOrDefault("location") is { Length: > 0 } location
        ? location
        : throw new ModelPackException(ModelPackError.Corrupt, "ONNX: a tensor lies in another file and does not say in which");

    /// <summary>Offset in the data file.</summary>
    public long Offset => Number("offset") ?? 0;

    /// <summary>Bytes in the data file, where stated.</summary>
    public long? Length => Number("length");

    /// <summary>The field <c>external_data</c> of a tensor in memory, and <c>data_location</c>.</summary>
    public static byte[] ForMemory(string location, long offset, long length)
    {
        using var fields = new MemoryStream();
        WriteEntry(fields, "location", location);
        WriteEntry(fields, "offset", offset.ToString(CultureInfo.InvariantCulture));
        WriteEntry(fields, "length", length.ToString(CultureInfo.InvariantCulture));

        // data_location = 14: EXTERNAL = 1.
        fields.Write([14 << 3, 1]);
        return fields.ToArray();
    }

    private static void WriteEntry(MemoryStream fields, string key, string value)
    {
        byte[] keyText = Encoding.UTF8.GetBytes(key);
        byte[] valueText = Encoding.UTF8.GetBytes(value);
        byte[] keyHead = StubPieces.Head(1, keyText.Length);
        byte[] valueHead = StubPieces.Head(2, valueText.Length);
        fields.Write(StubPieces.Head(ExternalDataField, keyHead.Length + keyText.Length + valueHead.Length + valueText.Length));
        fields.Write(keyHead);
        fields.Write(keyText);
        fields.Write(valueHead);
        fields.Write(valueText);
    }

    /// <summary>Number of the field <c>external_data</c>.</summary>
    public const int ExternalDataField = 13;

    private long? Number(string key) => _entries.GetValueOrDefault(key) switch
    {
        null => null,
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => number,
        string text => throw new ModelPackException(ModelPackError.Corrupt, $"ONNX: the {key} of a tensor in another file is '{text}', no number"),
    };
}
