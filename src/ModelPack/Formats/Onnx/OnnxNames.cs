using System.Globalization;
using System.Text;
using ModelPack.Primitives;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// Gives every tensor of a file a name of its own. An initializer of the main graph keeps its name; the others get the
/// path to them (<c>node/attribute</c>, <c>node/then_branch/initializer</c>), and what is still alike a suffix
/// (<c>#2</c>, <c>#3</c>).
/// </summary>
internal sealed class OnnxNames(ByteSource source)
{
    private const string Elision = "…";

    // "…/" in front and '#' with up to seven digits behind.
    private const int SuffixRoom = 10;

    private readonly byte[] _text = new byte[OnnxLimits.MaxNameLength];
    private readonly List<string> _parts = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastSuffix = new(StringComparer.Ordinal);
    private long _characters;

    /// <summary>Names for the scopes of all tensors, in their order; all different.</summary>
    /// <exception cref="ModelPackException">The names together are longer than <see cref="OnnxLimits.MaxNameCharacters"/>.</exception>
    public string[] Resolve(IReadOnlyList<OnnxScope> scopes, CancellationToken cancellationToken)
    {
        string?[] names = new string?[scopes.Count];

        // A path or a suffix must not take the name that an initializer of the main graph brings along.
        for (int i = 0; i < names.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (scopes[i] is { Parent: null, Name.Length: > 0 } initializer && _taken.Add(Part(initializer)))
            {
                names[i] = initializer.Part;
            }
        }

        for (int i = 0; i < names.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            names[i] ??= MakeUnique(Path(scopes[i]));
        }

        return names!;
    }

    private string Path(OnnxScope leaf)
    {
        const int Room = OnnxLimits.MaxNameLength - SuffixRoom;
        _parts.Clear();
        int length = 0;
        OnnxScope? scope = leaf;
        for (; scope is not null && length <= Room; scope = scope.Parent)
        {
            string part = Part(scope);
            length += part.Length + 1;
            _parts.Add(part);
        }

        if (length - 1 > Room)
        {
            // The innermost part alone may be too long; it then loses its end.
            if (_parts.Count == 1)
            {
                return Cut(_parts[0], Room);
            }

            _parts[^1] = Elision;
        }
        else if (scope is not null)
        {
            _parts.Add(Elision);
        }

        _parts.Reverse();
        return string.Join('/', _parts);
    }

    private string MakeUnique(string name)
    {
        if (!_taken.Add(name))
        {
            string stem = name;
            int suffix = _lastSuffix.GetValueOrDefault(stem, 1);
            do
            {
                suffix++;
                name = string.Create(CultureInfo.InvariantCulture, $"{stem}#{suffix}");
            }
            while (!_taken.Add(name));

            _lastSuffix[stem] = suffix;
        }

        Count(name);
        return name;
    }

    private string Part(OnnxScope scope)
    {
        if (scope.Part is null)
        {
            scope.Part = scope switch
            {
                { Name.Length: > 0 } => Read(scope.Name),
                { FirstOutput.Length: > 0 } => Read(scope.FirstOutput),
                { OpType.Length: > 0 } => Numbered(Read(scope.OpType), scope.Ordinal),
                _ => Numbered(scope.Label, scope.Ordinal),
            };
            Count(scope.Part);
        }

        return scope.Part;
    }

    private static string Numbered(string text, int ordinal) =>
        ordinal < 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}_{ordinal}");

    // A name only labels, so bytes that are not UTF-8 become replacement characters instead of an error.
    private string Read(FileRange range)
    {
        Span<byte> text = _text.AsSpan(0, Math.Min(range.Length, _text.Length));
        source.ReadExactly(range.Offset, text);
        string name = Encoding.UTF8.GetString(text);
        return range.Length > _text.Length ? Cut(name, OnnxLimits.MaxNameLength - SuffixRoom) : name;
    }

    private static string Cut(string text, int length)
    {
        length = Math.Min(length, text.Length) - Elision.Length;
        if (char.IsHighSurrogate(text[length - 1]))
        {
            length--;
        }

        return string.Concat(text.AsSpan(0, length), Elision);
    }

    private void Count(string name)
    {
        _characters += name.Length;
        if (_characters > OnnxLimits.MaxNameCharacters)
        {
            OnnxThrow.OverLimit("characters in the names of tensors", OnnxLimits.MaxNameCharacters, offset: 0);
        }
    }
}
