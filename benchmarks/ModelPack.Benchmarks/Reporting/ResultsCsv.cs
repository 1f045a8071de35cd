using System.Globalization;
using System.Text;

namespace ModelPack.Benchmarks.Reporting;

/// <summary>Results as comma-separated values (RFC 4180, but lines end with LF): one line a file and peer.</summary>
internal static class ResultsCsv
{
    private const string Header =
        "file,bytes,peer,packed_bytes,rounds,pack_gb_per_s,pack_x_memcpy,unpack_gb_per_s,unpack_x_memcpy";

    private const int FieldCount = 9;

    /// <summary>Writes the header and a line for each result.</summary>
    public static string Write(IEnumerable<PeerResult> results)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (PeerResult result in results)
        {
            text.AppendJoin(',', Fields(result).Select(Quote)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The text is something else; the message tells the line.</exception>
    public static IReadOnlyList<PeerResult> Parse(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (lines[0] != Header)
        {
            throw new FormatException($"line 1: the header is '{lines[0]}', must be '{Header}'");
        }

        return [.. lines.Skip(1).Select((line, index) => ParseLine(line, index + 2))];
    }

    private static IEnumerable<string> Fields(PeerResult result) =>
    [
        result.File,
        Text(result.Bytes),
        result.Peer,
        Text(result.PackedBytes),
        Text(result.Rounds),
        Text(result.Pack?.GigabytesPerSecond),
        Text(result.Pack?.TimesMemoryCopy),
        Text(result.Unpack?.GigabytesPerSecond),
        Text(result.Unpack?.TimesMemoryCopy),
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double? value) => value?.ToString("0.########", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(',', '"') < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static PeerResult ParseLine(string line, int number)
    {
        List<string> fields = Split(line, number);
        if (fields.Count != FieldCount)
        {
            throw new FormatException($"line {number}: has {fields.Count} fields, must have {FieldCount}");
        }

        try
        {
            return new PeerResult(
                fields[0], Integer(fields[1]), fields[2], Integer(fields[3]), (int)Integer(fields[4]), ParseSpeed(fields[5], fields[6]), ParseSpeed(fields[7], fields[8]));
        }
        catch (FormatException exception)
        {
            throw new FormatException($"line {number}: {exception.Message}", exception);
        }
    }

    private static Speed? ParseSpeed(string gigabytesPerSecond, string timesMemoryCopy) =>
        gigabytesPerSecond.Length == 0 && timesMemoryCopy.Length == 0 ? null : new Speed(Number(gigabytesPerSecond), Number(timesMemoryCopy));

    private static long Integer(string field) => long.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Number(string field) => double.Parse(field, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static List<string> Split(string line, int number)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        if (quoted)
        {
            throw new FormatException($"line {number}: a quote is not closed");
        }

        fields.Add(field.ToString());
        return fields;
    }
}
