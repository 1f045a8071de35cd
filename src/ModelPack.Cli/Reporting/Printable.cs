using System.Globalization;
using System.Text;

namespace ModelPack.Cli.Reporting;

/// <summary>Makes names from files fit for a line of output.</summary>
internal static class Printable
{
    /// <summary>
    /// Replaces everything that could move the cursor, end the line or turn the writing direction by an escape
    /// sequence one can read; a name from a file may hold anything.
    /// </summary>
    public static string Escape(string text)
    {
        StringBuilder? escaped = null;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Half of a surrogate pair is enumerated as a replacement character.
            int value = rune == Rune.ReplacementChar ? text[position] : rune.Value;
            bool plain = value == rune.Value && IsPlain(rune);
            if (!plain)
            {
                escaped ??= new StringBuilder(text, 0, position, text.Length + 16);
            }

            if (escaped is not null)
            {
                _ = plain ? escaped.Append(rune) : AppendEscape(escaped, value);
            }

            position += rune.Utf16SequenceLength;
        }

        return escaped?.ToString() ?? text;
    }

    /// <summary>Cuts out the middle of a text that is longer than <paramref name="width"/> characters.</summary>
    public static string ShortenMiddle(string text, int width)
    {
        if (text.Length <= width || width < 3)
        {
            return text;
        }

        int head = (width - 1) / 2;
        int tail = text.Length - (width - 1 - head);
        if (char.IsLowSurrogate(text[head]))
        {
            head--;
        }

        if (char.IsLowSurrogate(text[tail]))
        {
            tail++;
        }

        return $"{text.AsSpan(0, head)}…{text.AsSpan(tail)}";
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static StringBuilder AppendEscape(StringBuilder text, int value) => value switch
    {
        '\n' => text.Append("\\n"),
        '\r' => text.Append("\\r"),
        '\t' => text.Append("\\t"),
        < 0x100 => text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}"),
        _ => text.Append(CultureInfo.InvariantCulture, $"\\u{{{value:X4}}}"),
    };
}
