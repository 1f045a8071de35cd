using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelPack.Comparison.Reporting;
using OxyPlot;

namespace ModelPack.Comparison.Html;

/// <summary>
/// Writes a report as one page that needs nothing else: style, script, data and plots stand in it, and its security policy
/// forbids everything that does not.
/// </summary>
internal static class HtmlReport
{
    // Names come from files and may hold anything, so '<' and '&' are written as escapes: nothing can end the data's element.
    private static readonly CompareJson Json = new(new JsonSerializerOptions(CompareJson.Default.Options) { Encoder = JavaScriptEncoder.Default });

    public static void Write(CompareReport report, Stream target)
    {
        string style = Resource("report.css");
        string script = Resource("report.js");
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{HashOf(style)}'; script-src '{HashOf(script)}'; base-uri 'none'; form-action 'none'\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>{WebUtility.HtmlEncode(TitleOf(report))}</title>\n<style>{style}</style>\n</head>\n<body>\n");
        page.Append("<header><h1>ModelPack <span>compare</span></h1><button id=\"theme\" type=\"button\" title=\"light or dark\">◐</button></header>\n");
        page.Append("<noscript><p class=\"notice\">The tables need JavaScript; nothing is loaded from elsewhere.</p></noscript>\n<main id=\"main\"></main>\n");
        foreach ((int index, SourceReport source) in report.Sources.Index())
        {
            AppendPlots(page, source, index);
        }

        page.Append("<script type=\"application/json\" id=\"data\">");
        page.Append(JsonSerializer.Serialize(report, Json.CompareReport));
        page.Append(CultureInfo.InvariantCulture, $"</script>\n<script>{script}</script>\n</body>\n</html>\n");
        target.Write(Encoding.UTF8.GetBytes(page.ToString()));
    }

    private static string TitleOf(CompareReport report) => report.Difference is { } difference
        ? $"{Path.GetFileName(difference.BasePath)} and {Path.GetFileName(difference.Path)} – ModelPack compare"
        : $"{string.Join(", ", report.Sources.Select(static source => Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Path))))} – ModelPack compare";

    /// <summary>The plots of a model, where the script finds them.</summary>
    private static void AppendPlots(StringBuilder page, SourceReport source, int index)
    {
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"plots\" id=\"plots-{index}\" hidden>\n");
        Append(Plots.RatioAgainstBound(source), "ratio", "Each tensor against its bound", $"Tensors of {Plots.LeastTensor / 1024} KiB and more. On the line, packing takes exactly the order-0 entropy; below, contexts or repeats gain more. Small tensors share a block, and its ratio.");
        Append(Plots.BytesByDtype(source), "bytes", "Bytes by dtype, before and after", "At the default level.");
        Append(Plots.Exponents(source), "exponents", "Exponents", "The fewer and the steeper, the smaller. Zeros are left out.");
        Append(Plots.SizeAgainstSpeed(source, compress: true), "compress", "Size against speed of compressing", SpeedNote(source));
        Append(Plots.SizeAgainstSpeed(source, compress: false), "decompress", "Size against speed of decompressing", SpeedNote(source));
        page.Append("</div>\n");

        void Append(PlotModel? plot, string name, string title, string note)
        {
            if (plot is not null)
            {
                string svg = ThemedSvg.Draw(plot, $"{name}-{index}", title);
                page.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{title}</figcaption>{svg}<p>{note}</p></figure>\n");
            }
        }
    }

    private static string SpeedNote(SourceReport source) => source.Compressors is not { } compressors ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"One thread, memory to memory, {compressors.SampleBytes / 1e6:0.0} MB {(compressors.IsWhole ? "(the whole model)" : "of the model")}; low is small, right is fast. memcpy: {compressors.MemcpyGigabytesPerSecond:0.0} GB/s.");

    private static string HashOf(string content) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
