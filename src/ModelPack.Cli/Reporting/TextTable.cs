using System.Text;
using Spectre.Console;

namespace ModelPack.Cli.Reporting;

/// <summary>A table on standard output: fitted to the window on a terminal, whole and aligned with spaces elsewhere.</summary>
/// <remarks>The first column holds names; on a terminal it is the one that gives way.</remarks>
internal sealed class TextTable(params (string Header, bool AlignRight)[] columns)
{
    private const int Gap = 2;
    private const int LeastNameWidth = 16;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; the cells need not be printable yet.</summary>
    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, Printable.Escape));

    /// <summary>Characters that are left for the names on a line of that width.</summary>
    public int NameWidthWithin(int lineWidth) => lineWidth - Enumerable.Range(1, columns.Length - 1).Sum(column => Width(column) + Gap);

    public void Write()
    {
        if (Console.IsOutputRedirected)
        {
            WritePlain(Console.Out);
        }
        else
        {
            WriteToTerminal(AnsiConsole.Console);
        }
    }

    /// <summary>Writes the table without colours and without shortening anything.</summary>
    public void WritePlain(TextWriter writer)
    {
        int[] widths = [.. Enumerable.Range(0, columns.Length).Select(Width)];
        var text = new StringBuilder();
        AppendPlain(text, [.. columns.Select(static column => column.Header)], widths);
        foreach (string[] row in _rows)
        {
            AppendPlain(text, row, widths);
        }

        writer.Write(text);
    }

    private void WriteToTerminal(IAnsiConsole console)
    {
        int nameWidth = Math.Max(LeastNameWidth, NameWidthWithin(console.Profile.Width));
        var table = new Table { Border = TableBorder.None };
        foreach ((string header, bool alignRight) in columns)
        {
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold)))
            {
                NoWrap = true,
                Padding = new Padding(0, 0, Gap, 0),
                Alignment = alignRight ? Justify.Right : Justify.Left,
            });
        }

        table.Columns[^1].Padding = new Padding(0);

        foreach (string[] row in _rows)
        {
            table.AddRow(row.Select((cell, column) => new Text(column == 0 ? Printable.ShortenMiddle(cell, nameWidth) : cell)));
        }

        console.Write(table);
    }

    private int Width(int column) => _rows.Aggregate(columns[column].Header.Length, (width, row) => Math.Max(width, row[column].Length));

    private void AppendPlain(StringBuilder text, string[] cells, int[] widths)
    {
        for (int column = 0; column < cells.Length; column++)
        {
            text.Append(columns[column].AlignRight ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
            text.Append(' ', Gap);
        }

        while (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
        }

        text.AppendLine();
    }
}
