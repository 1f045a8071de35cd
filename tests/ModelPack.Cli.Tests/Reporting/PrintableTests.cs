using ModelPack.Cli.Reporting;

namespace ModelPack.Cli.Tests.Reporting;

public class PrintableTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("größe 模型 🙂", "größe 模型 🙂")]
    [InlineData("a\nb\rc\td", @"a\nb\rc\td")]
    [InlineData("\e[31m", @"\x1B[31m")]
    [InlineData("x\u009Bm", @"x\x9Bm")]
    [InlineData("safe\u202Egnp.exe", @"safe\u{202E}gnp.exe")]
    [InlineData("a\u2028b", @"a\u{2028}b")]
    public void What_could_change_the_line_is_escaped(string text, string expected) => Assert.Equal(expected, Printable.Escape(text));

    // Not a case of the theory: the lone surrogate would not survive being listed.
    [Fact]
    public void Half_of_a_surrogate_pair_is_escaped() => Assert.Equal(@"half \u{D83D}!", Printable.Escape("half \uD83D!"));

    [Theory]
    [InlineData("abcdefghij", 10, "abcdefghij")]
    [InlineData("abcdefghij", 7, "abc…hij")]
    [InlineData("abcdefghij", 6, "ab…hij")]
    [InlineData("a🙂bcdefghij", 5, "a…ij")]
    [InlineData("abcdefgh🙂j", 5, "ab…j")]
    public void Long_text_loses_its_middle_but_no_half_character(string text, int width, string expected) =>
        Assert.Equal(expected, Printable.ShortenMiddle(text, width));
}
