using System.Text;
using Spectre.Console;

namespace ModelPack.Cli.Reporting;

/// <summary>A table on standard output: fitted to the window on a terminal, whole and aligned with spaces elsewhere.</summary>
/// <remarks>The first column holds names; on a terminal, columns that can be spared go first, and then it gives way.</remarks>
internal sealed class TextTable(params Column[] columns)
{
    private const int Gap = 2;
    private const int LeastNameWidth = 16;

    // Below this, columns that can be spared give way to the names.
    private const int ComfortableNameWidth = 30;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; the cells need not be printable yet.</summary>
    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, Printable.Escape));

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
        int[] shown = Shown(mostDrop: int.MaxValue);
        int[] widths = [.. shown.Select(Width)];
        var text = new StringBuilder();
        AppendPlain(text, [.. columns.Select(static column => column.Header)], shown, widths);
        foreach (string[] row in _rows)
        {
            AppendPlain(text, row, shown, widths);
        }

        writer.Write(text);
    }

    private void WriteToTerminal(IAnsiConsole console)
    {
        int[] shown = Fit(console.Profile.Width);
        int nameWidth = Math.Max(LeastNameWidth, NameWidth(shown, console.Profile.Width));
        var table = new Table { Border = TableBorder.None };
        foreach (int column in shown)
        {
            table.AddColumn(new TableColumn(new Text(columns[column].Header, new Style(decoration: Decoration.Bold)))
            {
                NoWrap = true,
                Padding = new Padding(0, 0, Gap, 0),
                Alignment = columns[column].AlignRight ? Justify.Right : Justify.Left,
            });
        }

        table.Columns[^1].Padding = new Padding(0);

        foreach (string[] row in _rows)
        {
            table.AddRow(shown.Select(column => new Text(column == 0 ? Printable.ShortenMiddle(row[column], nameWidth) : row[column])));
        }

        console.Write(table);
    }

    /// <summary>The columns that leave the names comfortable room, or as few as there may be.</summary>
    private int[] Fit(int lineWidth)
    {
        int[] shown = Shown(int.MaxValue);
        int comfortable = Math.Min(ComfortableNameWidth, Width(0));
        foreach (int drop in columns.Select(static column => column.Drop).Where(static drop => drop > 0).Distinct().OrderDescending())
        {
            if (NameWidth(shown, lineWidth) >= comfortable)
            {
                break;
            }

            shown = Shown(drop - 1);
        }

        return shown;
    }

    private int[] Shown(int mostDrop) =>
        [.. Enumerable.Range(0, columns.Length).Where(column => columns[column].Drop <= mostDrop && (!columns[column].Instead || columns[column - 1].Drop > mostDrop))];

    /// <summary>Characters that are left for the names on a line of that width.</summary>
    private int NameWidth(int[] shown, int lineWidth) => lineWidth - shown.Skip(1).Sum(column => Width(column) + Gap);

    private int Width(int column) => _rows.Aggregate(columns[column].Header.Length, (width, row) => Math.Max(width, row[column].Length));

    private void AppendPlain(StringBuilder text, string[] cells, int[] shown, int[] widths)
    {
        for (int i = 0; i < shown.Length; i++)
        {
            string cell = cells[shown[i]];
            text.Append(columns[shown[i]].AlignRight ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(' ', Gap);
        }

        while (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
        }

        text.AppendLine();
    }
}
