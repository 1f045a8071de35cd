using System.Xml.Linq;
using OxyPlot;

namespace ModelPack.Comparison.Html;

/// <summary>
/// Draws a plot as SVG to stand in a page: without styles of its own, which the page's security policy forbids, with classes for
/// colours, and with names that no other plot of the page has.
/// </summary>
internal static class ThemedSvg
{
    /// <summary>Units of the plot; the page scales it.</summary>
    public const int Width = 640;
    public const int Height = 400;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <param name="plot">The plot, in <see cref="PlotColors"/>.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="title">What it shows, for those who cannot see it.</param>
    public static string Draw(PlotModel plot, string id, string title)
    {
        var exporter = new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true, TextMeasurer = new WideText() };
        string text = exporter.ExportToString(plot);

        // What stands before the element is for files of their own.
        var root = XElement.Parse(text[text.IndexOf("<svg", StringComparison.Ordinal)..]);
        foreach (XElement element in root.DescendantsAndSelf())
        {
            ReplaceStyle(element);
            ReplaceNames(element, id);
        }

        root.Attributes().Where(static attribute => attribute.Name != "xmlns").Remove();
        root.SetAttributeValue("viewBox", $"0 0 {Width} {Height}");
        root.SetAttributeValue("role", "img");
        root.AddFirst(new XElement(Svg + "title", title));
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static void ReplaceStyle(XElement element)
    {
        List<string> classes = [];
        string style = (string?)element.Attribute("style") ?? "";
        element.Attribute("style")?.Remove();
        foreach (string declaration in style.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = declaration.Split(':', 2, StringSplitOptions.TrimEntries);
            SetPaint(element, parts[0], parts[1], classes);
        }

        foreach (string name in new[] { "fill", "stroke" })
        {
            if (element.Attribute(name) is { } attribute)
            {
                string value = attribute.Value;
                attribute.Remove();
                SetPaint(element, name, value, classes);
            }
        }

        // The page's font, and its size for the whole plot.
        element.Attribute("font-family")?.Remove();
        if (classes.Count > 0)
        {
            element.SetAttributeValue("class", string.Join(' ', classes));
        }
    }

    private static void SetPaint(XElement element, string name, string value, List<string> classes)
    {
        if (name is "fill" or "stroke" && PlotColors.ClassOf(value) is { } color)
        {
            classes.Add($"{name[0]}-{color}");
        }
        else
        {
            element.SetAttributeValue(name, value);
        }
    }

    private static void ReplaceNames(XElement element, string id)
    {
        if (element.Attribute("id") is { } name)
        {
            name.Value = $"{id}-{name.Value}";
        }

        if (element.Attribute("clip-path") is { } clip)
        {
            clip.Value = clip.Value.Replace("url(#", $"url(#{id}-", StringComparison.Ordinal);
        }
    }

    /// <summary>Leaves room for the widest of the fonts that a reader may have: the plot measures in Helvetica's narrow ones.</summary>
    private sealed class WideText() : PdfRenderContext(Width, Height, OxyColors.Undefined)
    {
        private const double Wider = 1.2;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            OxySize size = base.MeasureText(text, "Arial", fontSize, fontWeight);
            return new OxySize(size.Width * Wider, size.Height * Wider);
        }
    }
}
