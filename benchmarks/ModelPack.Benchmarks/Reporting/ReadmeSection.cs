namespace ModelPack.Benchmarks.Reporting;

/// <summary>The generated part of a README, between two comments that Markdown does not show.</summary>
internal static class ReadmeSection
{
    public const string Begin = "<!-- results:begin -->";
    public const string End = "<!-- results:end -->";

    /// <summary>Puts <paramref name="content"/> between the markers and leaves every other byte as it is.</summary>
    /// <exception cref="FormatException">There is not exactly one marker of each kind, in order.</exception>
    public static string Replace(string readme, string content)
    {
        int begin = OnlyIndexOf(readme, Begin) + Begin.Length;
        int end = OnlyIndexOf(readme, End);
        if (end < begin)
        {
            throw new FormatException($"'{End}' stands before '{Begin}'");
        }

        string newLine = readme.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return readme[..begin] + $"\n\n{content.Trim()}\n\n".ReplaceLineEndings(newLine) + readme[end..];
    }

    private static int OnlyIndexOf(string readme, string marker)
    {
        int first = readme.IndexOf(marker, StringComparison.Ordinal);
        return first >= 0 && first == readme.LastIndexOf(marker, StringComparison.Ordinal)
            ? first
            : throw new FormatException(first < 0 ? $"there is no '{marker}'" : $"there is more than one '{marker}'");
    }
}
