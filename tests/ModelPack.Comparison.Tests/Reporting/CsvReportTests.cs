using System.Text;
using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests.Reporting;

public sealed class CsvReportTests
{
    [Fact]
    public void Lines_have_as_many_cells_as_there_are_columns_at_most_and_names_are_quoted()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("m.safetensors", Models.Safetensors(
            ("a,\"b\"", "BF16", [64, 64], Models.BFloat16(4096, seed: 1)), ("=1+1", "U8", [4], [1, 2, 3, 4]), ("-5", "U8", [1], [1])));
        CompareReport report = Comparer.Measure([path], new CompareOptions { WithPeers = false }, null, CancellationToken.None);

        string[] lines = Write(report).TrimEnd().Split("\r\n");

        string[] head = lines[0].Split(',');
        Assert.Equal("tensor", head[2]);

        // Three tensors, and their two, one and one planes.
        Assert.Equal(1 + 3 + 4, lines.Length);
        Assert.Contains(",\"a,\"\"b\"\"\",", lines[1], StringComparison.Ordinal);
        string[] formula = lines.First(static line => line.Contains("1+1", StringComparison.Ordinal)).Split(',');
        Assert.Equal("'=1+1", formula[2]);
        Assert.Equal(head.Length, formula.Length);
        Assert.Equal("2.5", formula[Array.IndexOf(head, "mean")]);
        Assert.Equal("-5", lines.First(static line => line.Contains(",-5,", StringComparison.Ordinal)).Split(',')[2]);
    }

    private static string Write(CompareReport report)
    {
        using var stream = new MemoryStream();
        CsvReport.Write(report, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
