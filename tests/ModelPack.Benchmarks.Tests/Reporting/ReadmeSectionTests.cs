using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Tests.Reporting;

public sealed class ReadmeSectionTests
{
    [Fact]
    public void Only_what_stands_between_the_markers_changes() =>
        Assert.Equal(
            "# Title\n<!-- results:begin -->\n\n| new |\n\n<!-- results:end --> rest \n",
            ReadmeSection.Replace("# Title\n<!-- results:begin -->old<!-- results:end --> rest \n", "| new |\n"));

    [Fact]
    public void Replacing_twice_is_replacing_once()
    {
        string once = ReadmeSection.Replace("<!-- results:begin --><!-- results:end -->", "a\n\nb\n");
        Assert.Equal(once, ReadmeSection.Replace(once, "a\n\nb\n"));
    }

    [Fact]
    public void Line_ends_stay_as_they_are_in_the_file() =>
        Assert.Equal(
            "x\r\n<!-- results:begin -->\r\n\r\na\r\nb\r\n\r\n<!-- results:end -->\r\n",
            ReadmeSection.Replace("x\r\n<!-- results:begin -->\r\n<!-- results:end -->\r\n", "a\nb\n"));

    [Theory]
    [InlineData("nothing")]
    [InlineData("<!-- results:begin -->")]
    [InlineData("<!-- results:end --><!-- results:begin -->")]
    [InlineData("<!-- results:begin --><!-- results:begin --><!-- results:end -->")]
    [InlineData("<!-- results:begin --><!-- results:end --><!-- results:end -->")]
    public void Markers_that_are_missing_doubled_or_swapped_are_refused(string readme) =>
        Assert.Throws<FormatException>(() => ReadmeSection.Replace(readme, "x"));
}
