using ModelPack.Comparison.Html;
using ModelPack.Comparison.Reporting;
using ModelPack.Pipeline;

namespace ModelPack.Comparison;

/// <summary>Writes a report to files, each of which appears when it is complete.</summary>
internal static class ReportFiles
{
    /// <exception cref="ModelPackException">There is something at the path that may not be replaced.</exception>
    public static void RequireFree(string target, bool overwrite)
    {
        if (Directory.Exists(target) || (!overwrite && File.Exists(target)))
        {
            throw AtomicFile.ExistsAlready(target);
        }
    }

    /// <summary>Writes those files that have a path.</summary>
    public static void Write(CompareReport report, string? html, string? csv, bool overwrite)
    {
        if (html is not null)
        {
            Write(html, overwrite, stream => HtmlReport.Write(report, stream));
        }

        if (csv is not null)
        {
            Write(csv, overwrite, stream => CsvReport.Write(report, stream));
        }
    }

    private static void Write(string target, bool overwrite, Action<Stream> write)
    {
        // A cancelled comparison is reported all the same.
        using var file = AtomicFile.Create(target, overwrite, flushToDisk: false);
        write(file.Stream);
        file.Commit(CancellationToken.None);
    }
}
