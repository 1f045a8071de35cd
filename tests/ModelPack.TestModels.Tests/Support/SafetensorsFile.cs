using System.Buffers.Binary;
using System.Text.Json;

namespace ModelPack.TestModels.Tests.Support;

/// <summary>Reads safetensors as the format's README describes them, with a JSON library: a second opinion on the writer.</summary>
internal sealed class SafetensorsFile
{
    private readonly JsonElement _header;
    private readonly byte[] _data;

    public SafetensorsFile(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        _header = JsonDocument.Parse(file.AsMemory(8, length)).RootElement;
        _data = file[(8 + length)..];
        Names = [.. _header.EnumerateObject().Select(property => property.Name).Where(name => name != "__metadata__")];
    }

    public IReadOnlyList<string> Names { get; }

    public string? Metadata => _header.TryGetProperty("__metadata__", out JsonElement metadata) ? metadata.GetRawText() : null;

    public int DataLength => _data.Length;

    public (string Dtype, long[] Shape, byte[] Data) this[string name]
    {
        get
        {
            JsonElement tensor = _header.GetProperty(name);
            long[] shape = [.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            JsonElement offsets = tensor.GetProperty("data_offsets");
            return (tensor.GetProperty("dtype").GetString()!, shape, _data[offsets[0].GetInt32()..offsets[1].GetInt32()]);
        }
    }
}
