using OxyPlot;
using OxyPlot.Annotations;

namespace ModelPack.Comparison.Html;

/// <summary>Puts names beside points, each where it covers neither a point nor another name, as far as there is such a place.</summary>
/// <param name="plot">Receives them.</param>
/// <param name="left">Least value of the logarithmic axis below.</param>
/// <param name="right">Its largest.</param>
/// <param name="bottom">Least value of the axis at the left.</param>
/// <param name="top">Its largest.</param>
internal sealed class PointLabels(PlotModel plot, double left, double right, double bottom, double top)
{
    private const double FontSize = 14;
    private const double LetterWidth = 7.5;
    private const double LineHeight = 15;
    private const double Gap = 8;

    // The part of the drawing that the axes enclose, about.
    private const double PlotWidth = ThemedSvg.Width - 80;
    private const double PlotHeight = ThemedSvg.Height - 70;

    private static readonly (HorizontalAlignment Alignment, double Down)[] Places =
    [
        (HorizontalAlignment.Left, 0), (HorizontalAlignment.Right, 0), (HorizontalAlignment.Left, -LineHeight), (HorizontalAlignment.Left, LineHeight),
        (HorizontalAlignment.Right, -LineHeight), (HorizontalAlignment.Right, LineHeight), (HorizontalAlignment.Left, -2 * LineHeight),
        (HorizontalAlignment.Left, 2 * LineHeight), (HorizontalAlignment.Right, -2 * LineHeight), (HorizontalAlignment.Right, 2 * LineHeight),
    ];

    private readonly List<OxyRect> _taken = [];

    /// <summary>Keeps names off a point.</summary>
    public void Occupy(double x, double y)
    {
        (double across, double down) = Place(x, y);
        _taken.Add(new OxyRect(across - 5, down - 5, 10, 10));
    }

    public void Add(string text, double x, double y)
    {
        (double across, double down) = Place(x, y);
        (HorizontalAlignment alignment, double offset) = Places.FirstOrDefault(place => !Covers(Box(text, across, down, place)), Places[0]);
        _taken.Add(Box(text, across, down, (alignment, offset)));
        plot.Annotations.Add(new TextAnnotation
        {
            Text = text,
            TextPosition = new DataPoint(x, y),
            TextHorizontalAlignment = alignment,
            TextVerticalAlignment = VerticalAlignment.Middle,
            Offset = new ScreenVector(alignment == HorizontalAlignment.Left ? Gap : -Gap, offset),
            StrokeThickness = 0,
            TextColor = PlotColors.Text,
            FontSize = FontSize,
        });
    }

    private static OxyRect Box(string text, double across, double down, (HorizontalAlignment Alignment, double Down) place)
    {
        double width = text.Length * LetterWidth;
        double start = place.Alignment == HorizontalAlignment.Left ? across + Gap : across - Gap - width;
        return new OxyRect(start, down + place.Down - (LineHeight / 2) + 1, width, LineHeight - 2);
    }

    private bool Covers(OxyRect box) => box.Left < 0 || box.Right > PlotWidth || _taken.Any(other =>
        box.Left < other.Right && other.Left < box.Right && box.Top < other.Bottom && other.Top < box.Bottom);

    private (double Across, double Down) Place(double x, double y) =>
        (Math.Log(x / left) / Math.Log(right / left) * PlotWidth, (top - y) / (top - bottom) * PlotHeight);
}
