using System.Diagnostics;
using ModelPack.Tests.Support;

namespace ModelPack.Tests;

public sealed class Sha256SumsTests
{
    private const string Hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly string[] Names = ["plain.txt", "a b/c  d", "ü-模型.bin", @"back\slash", "new\nline", @"both\n" + "\n", "*star", " lead", "#comment", "-"];

    [Fact]
    public void Lines_have_the_form_of_coreutils()
    {
        Assert.Equal($"{Hash}  a b", Sha256Sums.Line("a b", Hash));
        Assert.Equal($@"\{Hash}  a\\b\nc", Sha256Sums.Line("a\\b\nc", Hash));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        string text = string.Concat(Names.Append("cr\rin").Select(static name => Sha256Sums.Line(name, Hash) + "\n"));
        Assert.Equal(Names.Append("cr\rin").Order(StringComparer.Ordinal), Sha256Sums.Parse(text, "sums").Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Other_tools_lines_are_read()
    {
        IReadOnlyDictionary<string, string> sums = Sha256Sums.Parse($"# made by hand\r\n{Hash.ToUpperInvariant()} *./a/b.bin\r\n\r\n{Hash}  c", "sums");
        Assert.Equal(["a/b.bin", "c"], sums.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Hash, sums["a/b.bin"]);
    }

    [Theory]
    [InlineData("abc  x")]
    [InlineData(Hash)]
    [InlineData(Hash + " x")]
    [InlineData(Hash + "  ")]
    [InlineData(Hash + "\tx")]
    [InlineData("SHA256 (x) = " + Hash)]
    [InlineData(@"\" + Hash + @"  a\q")]
    [InlineData(@"\" + Hash + @"  a\")]
    [InlineData(Hash + "  x\n0000c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  x")]
    public void Other_lines_are_refused(string text)
    {
        ModelPackException exception = Assert.Throws<ModelPackException>(() => Sha256Sums.Parse(text, "sums"));
        Assert.Equal("sums", exception.FileName);
        Assert.Contains("line ", exception.Reason, StringComparison.Ordinal);
    }

    [UnixFact]
    public void The_program_sha256sum_accepts_them()
    {
        using var folder = new TemporaryFolder();
        string[] names = [.. Names.Where(static name => name != "-")];
        Array.ForEach(names, name => folder.Write(name, []));
        File.WriteAllText(folder["SHA256SUMS"], string.Concat(names.Select(static name => Sha256Sums.Line(name, Hash) + "\n")));
        using var process = Process.Start(new ProcessStartInfo("sha256sum", ["--check", "--strict", "SHA256SUMS"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
