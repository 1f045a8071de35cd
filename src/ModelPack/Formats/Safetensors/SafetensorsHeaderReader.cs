using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ModelPack.Formats.Safetensors;

/// <summary>
/// Reads the JSON header. It refuses what the reference implementation refuses while it parses (<c>SafeTensors::read_metadata</c>
/// up to <c>serde_json::from_str::&lt;HashMetadata&gt;</c>); whether the tensors cover the data is checked afterwards.
/// </summary>
/// <remarks>
/// It refuses three things more that the reference implementation lets pass: a tensor name that occurs twice (the README
/// disallows it; parsers differ in which one they take), and two other spellings that serde derives and no writer uses,
/// a tensor as the array <c>["F32",[2],[0,8]]</c> and a dtype as the object <c>{"F32":null}</c>.
/// </remarks>
internal ref struct SafetensorsHeaderReader
{
    private readonly CancellationToken _cancellationToken;
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<ulong> _dimensions = [];
    private Utf8JsonReader _json;
    private bool _hasMetadata;

    private SafetensorsHeaderReader(ReadOnlySpan<byte> header, CancellationToken cancellationToken)
    {
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = SafetensorsFormat.MaxDepth });
        _cancellationToken = cancellationToken;
    }

    private readonly long TokenOffset => SafetensorsFormat.LengthSize + _json.TokenStartIndex;

    /// <summary>Parses a header, without the length before it.</summary>
    /// <returns>The tensors in the order of the header.</returns>
    /// <exception cref="ModelPackException">The header breaks a rule; the offset counts from the start of the file.</exception>
    public static List<SafetensorsEntry> Read(ReadOnlySpan<byte> header, CancellationToken cancellationToken)
    {
        if (!Utf8.IsValid(header))
        {
            SafetensorsThrow.Corrupt("the header is not valid UTF-8", SafetensorsFormat.LengthSize + CountValidUtf8(header));
        }

        var reader = new SafetensorsHeaderReader(header, cancellationToken);
        reader.ReadHeader();
        return reader._entries;
    }

    private void ReadHeader()
    {
        Next();
        Expect(JsonTokenType.StartObject, "the header");
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_json.ValueTextEquals(SafetensorsFormat.MetadataKey))
            {
                ReadMetadata();
            }
            else
            {
                ReadTensor();
            }
        }

        // White space may follow the object, and may come before it; anything else is no longer one JSON value.
        Next();
    }

    // Option<HashMap<String, String>>: null is allowed, and so is a repeated key, since nothing here reads the values.
    private void ReadMetadata()
    {
        RefuseRepeated(_hasMetadata);
        _hasMetadata = true;
        Next();
        if (_json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        Expect(JsonTokenType.StartObject, SafetensorsFormat.MetadataKey);
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            Next();
            Expect(JsonTokenType.String, $"a value of {SafetensorsFormat.MetadataKey}");
        }
    }

    private void ReadTensor()
    {
        long offset = TokenOffset;
        string name = _json.GetString()!;
        RefuseRepeated(!_names.Add(name));
        Next();
        Expect(JsonTokenType.StartObject, "a tensor");

        var dtype = Dtype.None;
        ImmutableArray<ulong> shape = default;
        (ulong Begin, ulong End)? dataOffsets = null;
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("dtype"u8))
            {
                RefuseRepeated(dtype != Dtype.None);
                dtype = ReadDtype();
            }
            else if (_json.ValueTextEquals("shape"u8))
            {
                RefuseRepeated(!shape.IsDefault);
                shape = ReadShape();
            }
            else if (_json.ValueTextEquals("data_offsets"u8))
            {
                RefuseRepeated(dataOffsets is not null);
                dataOffsets = ReadDataOffsets();
            }
            else
            {
                SkipValue();
            }
        }

        if (dtype == Dtype.None || shape.IsDefault || dataOffsets is null)
        {
            string missing = dtype == Dtype.None ? "dtype" : shape.IsDefault ? "shape" : "data_offsets";
            SafetensorsThrow.Corrupt($"tensor {SafetensorsThrow.Quote(name)} has no {missing}", offset);
        }

        _entries.Add(new SafetensorsEntry(new TensorInfo(name, dtype, shape), dataOffsets.Value.Begin, dataOffsets.Value.End, offset));
    }

    private Dtype ReadDtype()
    {
        Next();
        Expect(JsonTokenType.String, "dtype");
        if (!SafetensorsFormat.TryGetDtype(in _json, out Dtype dtype))
        {
            SafetensorsThrow.Unsupported($"the dtype {SafetensorsThrow.Quote(_json.GetString()!)} is not known", TokenOffset);
        }

        return dtype;
    }

    private ImmutableArray<ulong> ReadShape()
    {
        Next();
        Expect(JsonTokenType.StartArray, "shape");
        _dimensions.Clear();
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_dimensions.Count == SafetensorsFormat.MaxRank)
            {
                SafetensorsThrow.Unsupported($"a tensor has more than {SafetensorsFormat.MaxRank} dimensions", TokenOffset);
            }

            _dimensions.Add(GetUnsigned("a dimension"));
        }

        return ImmutableArray.Create(CollectionsMarshal.AsSpan(_dimensions));
    }

    private (ulong Begin, ulong End) ReadDataOffsets()
    {
        const string What = "data_offsets";
        Next();
        Expect(JsonTokenType.StartArray, What);
        Next();
        ulong begin = GetUnsigned(What);
        Next();
        ulong end = GetUnsigned(What);
        Next();
        Expect(JsonTokenType.EndArray, "data_offsets after two numbers");
        return (begin, end);
    }

    // serde_json reads 1.0, 1e3, -0 and 2^64 as floating point, which is no usize; Utf8JsonReader takes none of them either.
    private readonly ulong GetUnsigned(string what)
    {
        Expect(JsonTokenType.Number, what);
        if (!_json.TryGetUInt64(out ulong value))
        {
            SafetensorsThrow.Corrupt(
                $"{what} is {SafetensorsThrow.Quote(Encoding.ASCII.GetString(_json.ValueSpan))}, not an integer from 0 to 2^64 - 1", TokenOffset);
        }

        return value;
    }

    // A field that serde does not know; it still parses the value, numbers included.
    private void SkipValue()
    {
        Next();
        int depth = _json.CurrentDepth;
        bool isNested = _json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        RefuseInfinite();
        while (isNested && Next() && _json.CurrentDepth > depth)
        {
            RefuseInfinite();
        }
    }

    private readonly void RefuseInfinite()
    {
        if (_json.TokenType == JsonTokenType.Number && _json.TryGetDouble(out double value) && double.IsInfinity(value))
        {
            SafetensorsThrow.Corrupt("a number is beyond the range of binary64", TokenOffset);
        }
    }

    private readonly void RefuseRepeated(bool isRepeated)
    {
        if (isRepeated)
        {
            SafetensorsThrow.Corrupt($"the key {SafetensorsThrow.Quote(_json.GetString()!)} occurs twice", TokenOffset);
        }
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
        {
            SafetensorsThrow.Corrupt($"{what} has {_json.TokenType} where {type} is allowed", TokenOffset);
        }
    }

    /// <summary>Goes to the next token; false only after the last one.</summary>
    private bool Next()
    {
        bool isToken;
        try
        {
            isToken = _json.Read();
        }
        catch (JsonException exception)
        {
            // The message ends in a line and a column; the offset below says the same for a file that has few lines.
            string message = SafetensorsThrow.Excerpt(exception.Message.Split(" LineNumber:", 2)[0]);
            SafetensorsThrow.Corrupt(
                $"the header is not valid JSON: {message}", SafetensorsFormat.LengthSize + _json.BytesConsumed, exception);
            return false;
        }

        if (isToken && _json.ValueIsEscaped)
        {
            RefuseLoneSurrogates();
        }

        return isToken;
    }

    // Utf8JsonReader checks the four digits of an escape when it reads a string, but surrogates only when it decodes one.
    private readonly void RefuseLoneSurrogates()
    {
        ReadOnlySpan<byte> text = _json.ValueSpan;
        int at = 0;
        for (int ahead; (ahead = text[at..].IndexOf((byte)'\\')) >= 0;)
        {
            at += ahead;
            if (text[at + 1] != 'u')
            {
                at += 2;
                continue;
            }

            char unit = EscapedUnit(text[at..]);
            if (!char.IsSurrogate(unit))
            {
                at += 6;
                continue;
            }

            ReadOnlySpan<byte> rest = text[(at + 6)..];
            if (!char.IsHighSurrogate(unit) || !rest.StartsWith(@"\u"u8) || !char.IsLowSurrogate(EscapedUnit(rest)))
            {
                SafetensorsThrow.Corrupt("a string has half of a surrogate pair", TokenOffset + 1 + at);
            }

            at += 12;
        }
    }

    /// <summary>The UTF-16 code unit of the <c>\uXXXX</c> that <paramref name="escape"/> begins with.</summary>
    private static char EscapedUnit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int CountValidUtf8(ReadOnlySpan<byte> text)
    {
        int valid = 0;
        while (Rune.DecodeFromUtf8(text[valid..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            valid += consumed;
        }

        return valid;
    }
}
