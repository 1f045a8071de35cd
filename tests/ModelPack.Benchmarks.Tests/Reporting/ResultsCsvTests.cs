using System.Globalization;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Tests.Reporting;

public sealed class ResultsCsvTests
{
    private const string Header = "file,bytes,peer,packed_bytes,rounds,pack_gb_per_s,pack_x_memcpy,unpack_gb_per_s,unpack_x_memcpy\n";

    [Fact]
    public void A_result_is_one_line()
    {
        var result = new PeerResult("a.onnx", 1000, "zstd -1", 900, 5, new Speed(0.5, 0.0125), new Speed(2, 0.1));
        Assert.Equal(Header + "a.onnx,1000,zstd -1,900,5,0.5,0.0125,2,0.1\n", ResultsCsv.Write([result]));
    }

    [Fact]
    public void A_size_alone_leaves_the_speeds_empty()
    {
        var result = new PeerResult("a.onnx", 1000, "xz -6 (program)", 800, 1, null, null);
        Assert.Equal(Header + "a.onnx,1000,xz -6 (program),800,1,,,,\n", ResultsCsv.Write([result]));
    }

    [Fact]
    public void A_name_with_comma_and_quote_is_quoted() =>
        Assert.Equal(
            Header + "\"a, \"\"b\"\".onnx\",4,LZ4,3,5,,,,\n", ResultsCsv.Write([new PeerResult("a, \"b\".onnx", 4, "LZ4", 3, 5, null, null)]));

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = commas;
            PeerResult[] results = [new("a", 10, "b", 9, 5, new Speed(1.5, 0.25), null)];
            Assert.Equal(Header + "a,10,b,9,5,1.5,0.25,,\n", ResultsCsv.Write(results));
            Assert.Equal(results, ResultsCsv.Parse(ResultsCsv.Write(results)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Lines_are_read_as_they_were_written(string newLine)
    {
        string text = (Header + "\"a, \"\"b\"\".onnx\",4000,LZ4 fast,3000,5,12.5,0.75,13,1.25\nc.onnx,7,xz,6,1,,,,\n").ReplaceLineEndings(newLine);
        PeerResult[] expected =
        [
            new("a, \"b\".onnx", 4000, "LZ4 fast", 3000, 5, new Speed(12.5, 0.75), new Speed(13, 1.25)),
            new("c.onnx", 7, "xz", 6, 1, null, null),
        ];
        Assert.Equal(expected, ResultsCsv.Parse(text));
    }

    [Theory]
    [InlineData("file,bytes\n", "line 1")]
    [InlineData(Header + "a,1,b,1,5,,,\n", "line 2: has 8 fields")]
    [InlineData(Header + "a,1,b,1,5,,,,\na,one,b,1,5,,,,\n", "line 3")]
    [InlineData(Header + "a,1,b,1,5,1.0,,,\n", "line 2")]
    [InlineData(Header + "\"a,1,b,1,5,,,,\n", "line 2: a quote is not closed")]
    public void Other_text_is_refused_with_its_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => ResultsCsv.Parse(text)).Message, StringComparison.Ordinal);
}
