using System.Globalization;
using System.Text;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// Reads the <c>external_data</c> of tensors (onnx.proto, <c>TensorProto.external_data</c>; onnx/docs/ExternalData.md): pairs
/// of strings, of which <c>location</c>, <c>offset</c> and <c>length</c> say where the bytes are. Of several with the same key
/// the last counts, as in the reference implementation; <c>checksum</c>, <c>basepath</c> and unknown keys say nothing about
/// the place and are passed over, as there.
/// </summary>
internal sealed class OnnxExternalData(WireCursor wire)
{
    // The longest key that counts, and the longest number: 19 digits and room for zeros in front and spaces around.
    private const int MaxKeyLength = 8;
    private const int MaxNumberLength = 64;

    private readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, string> _locations = new(StringComparer.Ordinal);
    private readonly List<ExternalReference> _references = [];
    private readonly byte[] _text = new byte[OnnxLimits.MaxLocationLength];
    private long _characters;

    public IReadOnlyList<ExternalReference> References => _references;

    /// <summary>Takes the entries of a tensor that lies in another file.</summary>
    /// <param name="tensor">Its index; negative when it is not listed.</param>
    /// <param name="entries">Its entries, in order.</param>
    /// <param name="offset">Where its message ends, for messages.</param>
    /// <exception cref="ModelPackException">There are more tensors or locations than a file may have.</exception>
    public void Add(int tensor, IReadOnlyList<(FileRange Key, FileRange Value)> entries, long offset)
    {
        if (_references.Count == OnnxLimits.MaxTensors)
        {
            OnnxThrow.OverLimit("tensors in other files", OnnxLimits.MaxTensors, offset);
        }

        _references.Add(entries.Count > OnnxLimits.MaxExternalEntries
            ? new ExternalReference(tensor, "", 0, null, $"has more than {OnnxLimits.MaxExternalEntries} entries of external data")
            : Read(tensor, entries));
    }

    private ExternalReference Read(int tensor, IReadOnlyList<(FileRange Key, FileRange Value)> entries)
    {
        string? location = null, fault = null;
        long start = 0;
        long? length = null;
        foreach ((FileRange key, FileRange value) in entries)
        {
            switch (Text(key, MaxKeyLength))
            {
                case "location":
                    location = Text(value, OnnxLimits.MaxLocationLength);
                    break;
                case "offset" when !TryReadNumber(value, out start):
                    fault = "has an offset of external data that is no number from 0 to 2^63 - 1";
                    break;
                case "length":
                    fault = TryReadNumber(value, out long given) ? fault : "has a length of external data that is no number from 0 to 2^63 - 1";
                    length = given;
                    break;
            }
        }

        fault = location switch
        {
            null => $"names no file for its data, or one that is no UTF-8 text of at most {OnnxLimits.MaxLocationLength} bytes",
            "" => "names no file for its data",
            _ => fault,
        };
        return new ExternalReference(tensor, Intern(location ?? ""), start, length, fault);
    }

    private bool TryReadNumber(FileRange range, out long number)
    {
        number = 0;
        return Text(range, MaxNumberLength) is { } text
            && long.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number);
    }

    // Null for what is longer, or no UTF-8.
    private string? Text(FileRange range, int maxLength)
    {
        if (range.Length > maxLength)
        {
            return null;
        }

        Span<byte> text = _text.AsSpan(0, range.Length);
        wire.ReadBytes(range.Offset, text);
        try
        {
            return _strict.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // A model names few files; all references to one share its name.
    private string Intern(string location)
    {
        if (_locations.TryGetValue(location, out string? known))
        {
            return known;
        }

        _characters += location.Length;
        if (_characters > OnnxLimits.MaxNameCharacters)
        {
            OnnxThrow.OverLimit("characters in the names of data files", OnnxLimits.MaxNameCharacters, offset: 0);
        }

        _locations.Add(location, location);
        return location;
    }
}
