using System.Text;

namespace ModelPack.Benchmarks.Reporting;

/// <summary>A table of GitHub-flavoured Markdown: the first column to the left, the others to the right.</summary>
internal static class MarkdownTable
{
    /// <summary>Writes a table; every row has as many cells as the header.</summary>
    public static string Write(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        AppendRow(text, header);
        AppendRow(text, [.. header.Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in rows)
        {
            if (row.Count != header.Count)
            {
                throw new ArgumentException($"a row has {row.Count} cells, the header {header.Count}", nameof(rows));
            }

            AppendRow(text, row);
        }

        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IReadOnlyList<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
