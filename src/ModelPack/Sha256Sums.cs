using System.Text;

namespace ModelPack;

/// <summary>The text format of <c>sha256sum</c> (GNU coreutils): a line for each file, as in files named SHA256SUMS.</summary>
public static class Sha256Sums
{
    private const int HashLength = 64;

    /// <summary>The line for a file, without its end: hash, two spaces, path; a backslash before it when the path had to be escaped.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="sha256">Its SHA-256, 64 hexadecimal digits.</param>
    public static string Line(string path, string sha256)
    {
        ArgumentNullException.ThrowIfNull(path);
        bool isEscaped = path.AsSpan().ContainsAny('\\', '\n', '\r');
        return isEscaped
            ? $"\\{sha256}  {path.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\r", @"\r", StringComparison.Ordinal)}"
            : $"{sha256}  {path}";
    }

    /// <summary>Reads the hashes of files by their paths; a leading <c>./</c> is dropped, empty lines and comments (<c>#</c>) are passed over.</summary>
    /// <param name="text">The lines.</param>
    /// <param name="name">What to call the text in messages.</param>
    /// <exception cref="ModelPackException">A line is of another form, or a file has two hashes.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string content = line.TrimEnd('\r');
            if (content.Length == 0 || content[0] == '#')
            {
                continue;
            }

            (string path, string hash) = ParseLine(content)
                ?? throw new ModelPackException(ModelPackError.InvalidRequest, $"line {number} is not a SHA-256 (64 hexadecimal digits), two spaces and a path", name);
            if (!sums.TryAdd(path, hash) && sums[path] != hash)
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, $"line {number} gives '{path}' a second hash", name);
            }
        }

        return sums;
    }

    private static (string Path, string Hash)? ParseLine(string line)
    {
        bool isEscaped = line[0] == '\\';
        string rest = isEscaped ? line[1..] : line;

        // The second of the two characters tells how the file was read: '*' as binary, which is the same here.
        if (rest.Length < HashLength + 3 || rest[HashLength] != ' ' || rest[HashLength + 1] is not (' ' or '*') || !rest[..HashLength].All(char.IsAsciiHexDigit))
        {
            return null;
        }

        string? path = rest[(HashLength + 2)..];
        path = isEscaped ? Unescape(path) : path;
        return path is null ? null : (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path, rest[..HashLength].ToLowerInvariant());
    }

    private static string? Unescape(string path)
    {
        var text = new StringBuilder();
        for (int i = 0; i < path.Length; i++)
        {
            char next = path[i];
            if (next == '\\')
            {
                switch (++i < path.Length ? path[i] : ' ')
                {
                    case '\\':
                        break;
                    case 'n':
                        next = '\n';
                        break;
                    case 'r':
                        next = '\r';
                        break;
                    default:
                        return null;
                }
            }

            text.Append(next);
        }

        return text.ToString();
    }
}
