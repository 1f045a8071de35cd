using OxyPlot;

namespace ModelPack.Comparison.Html;

/// <summary>
/// Colours that stand for roles: the page's style sheet says what each looks like, in the light and in the dark. The plots are
/// drawn in colours that nothing else has, and <see cref="ThemedSvg"/> replaces them by classes.
/// </summary>
internal static class PlotColors
{
    /// <summary>Series that can be told apart.</summary>
    public const int SeriesCount = 8;

    public static OxyColor Text { get; } = OxyColor.FromRgb(1, 1, 1);

    public static OxyColor Axis { get; } = OxyColor.FromRgb(2, 2, 2);

    public static OxyColor Grid { get; } = OxyColor.FromRgb(3, 3, 3);

    public static OxyColor Muted { get; } = OxyColor.FromRgb(4, 4, 4);

    public static OxyColor Series(int index) => OxyColor.FromRgb((byte)(16 + (index % SeriesCount)), 1, 2);

    /// <summary>The class of a colour as it stands in an SVG; null for others.</summary>
    public static string? ClassOf(string color)
    {
        if (color == Css(Text))
        {
            return "text";
        }

        if (color == Css(Axis))
        {
            return "axis";
        }

        if (color == Css(Grid))
        {
            return "grid";
        }

        if (color == Css(Muted))
        {
            return "muted";
        }

        int series = Enumerable.Range(0, SeriesCount).FirstOrDefault(index => color == Css(Series(index)), -1);
        return series < 0 ? null : $"s{series}";
    }

    private static string Css(OxyColor color) => $"rgb({color.R},{color.G},{color.B})";
}
