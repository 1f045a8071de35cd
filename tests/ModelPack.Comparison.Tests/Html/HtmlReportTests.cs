using ModelPack.Comparison.Html;
using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests.Html;

public sealed class HtmlReportTests : IDisposable
{
    private const string Hostile = "</script><script>document.title='hacked'</script><img src=x onerror=alert(1)>\u202E&amp;'\"";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task Tables_sort_and_filter_and_nothing_is_asked_for()
    {
        string page = WriteReport();
        await using Browser browser = await Browser.OpenAsync(page, 1280, 900, ColorScheme.Light);
        const string Names = "table.tensors tbody tr.tensor td.name";

        // By saving, the largest first.
        Assert.Equal("layers.0.attn.q_proj.weight", (await browser.TextsAsync(Names))[0]);

        await browser.ClickAsync("th[data-column=bytes] button");
        Assert.Equal("descending", await browser.AttributeAsync("th[data-column=bytes]", "aria-sort"));
        Assert.Equal("noise", (await browser.TextsAsync(Names))[0]);
        await browser.ClickAsync("th[data-column=bytes] button");
        Assert.Equal("ascending", await browser.AttributeAsync("th[data-column=bytes]", "aria-sort"));
        Assert.Equal("noise", (await browser.TextsAsync(Names))[^1]);
        await browser.ClickAsync("th[data-column=tensor] button");
        string[] sorted = await browser.TextsAsync(Names);
        Assert.Equal(4, sorted.Length);
        Assert.Equal("layers.1.mlp.up_proj.weight", sorted[^2]);

        await browser.FillAsync("input[type=search]", "MLP");
        Assert.Equal(["layers.1.mlp.up_proj.weight"], await browser.TextsAsync(Names));
        Assert.Equal("1 of 4 tensors", await browser.TextAsync("output"));
        await browser.FillAsync("input[type=search]", "");
        await browser.SelectAsync("select[aria-label='All dtypes']", "U8");
        Assert.Equal(["noise"], await browser.TextsAsync(Names));
        await browser.SelectAsync("select[aria-label='All dtypes']", "");
        Assert.Equal(4, await browser.CountAsync(Names));

        await browser.ClickAsync(Names);
        Assert.Contains("H(exponent", await browser.TextAsync("tr.detail"), StringComparison.Ordinal);

        Assert.Equal(5, await browser.CountAsync("figure svg"));
        Assert.Empty(browser.Complaints);
        Assert.Equal([new Uri(page).AbsoluteUri], browser.Requests);
    }

    [BrowserFact]
    public async Task Hostile_names_are_only_text()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 1280, 900, ColorScheme.Light);

        Assert.Contains("ModelPack compare", await browser.EvaluateAsync<string>("document.title"), StringComparison.Ordinal);
        Assert.Equal(0, await browser.CountAsync("img"));
        string name = Hostile.Replace("\u202E", "\\u{202E}", StringComparison.Ordinal);
        Assert.Contains(name, await browser.TextsAsync("table.tensors td.name"));
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Dark_follows_the_system_and_the_button()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 1280, 900, ColorScheme.Dark);

        Assert.Equal("rgb(16, 20, 26)", await BackgroundAsync());
        await browser.ClickAsync("#theme");
        Assert.Equal("rgb(247, 248, 250)", await BackgroundAsync());
        await browser.ClickAsync("#theme");
        Assert.Equal("rgb(16, 20, 26)", await BackgroundAsync());
        Assert.Empty(browser.Complaints);

        Task<string> BackgroundAsync() => browser.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [BrowserFact]
    public async Task Phone_scrolls_tables_and_never_the_page()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 390, 844, ColorScheme.Light);

        Assert.Equal(390, await browser.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.False(await browser.IsVisibleAsync("th[data-column=bound]"));
        Assert.True(await browser.IsVisibleAsync("th[data-column=ratio]"));
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Models_and_differences_have_pages_too()
    {
        string old = _folder.Write("a.safetensors", Models.Safetensors(("w", "BF16", [64, 64], Models.BFloat16(4096, seed: 1)), ("v", "U8", [8], new byte[8])));
        string made = _folder.Write("b.safetensors", Models.Safetensors(("w", "BF16", [64, 64], Models.BFloat16(4096, seed: 2))));
        var options = new CompareOptions { Levels = [], WithCoders = false, WithPeers = false };

        await using (Browser browser = await Browser.OpenAsync(Write("both.html", Comparer.Measure([old, made], options, null, CancellationToken.None)), 1280, 900, ColorScheme.Light))
        {
            await browser.ClickAsync("nav.models button:nth-child(2)");
            Assert.Equal(["false", "true"], await browser.EvaluateAsync<string[]>("[...document.querySelectorAll('nav.models button')].map(b => b.getAttribute('aria-pressed'))"));
            Assert.Empty(browser.Complaints);
        }

        await using (Browser browser = await Browser.OpenAsync(Write("difference.html", Comparer.Difference(old, made, options, null, CancellationToken.None)), 1280, 900, ColorScheme.Light))
        {
            Assert.Equal(["w", "v"], await browser.TextsAsync("table.tensors td.name"));
            Assert.Empty(browser.Complaints);
        }
    }

    [Fact]
    public void Nothing_in_the_page_names_another_place()
    {
        string text = File.ReadAllText(WriteReport());

        Assert.Contains("default-src 'none'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("</script><script>document", text, StringComparison.Ordinal);

        // The names of the formats of SVG are the only addresses.
        Assert.DoesNotContain("http://", text.Replace("http://www.w3.org/", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private string WriteReport()
    {
        byte[] noise = new byte[500_000];
        new Random(1).NextBytes(noise);
        string path = _folder.Write("m.safetensors", Models.Safetensors(
            ("layers.0.attn.q_proj.weight", "BF16", [256, 512], Models.BFloat16(256 * 512, seed: 1)),
            ("layers.1.mlp.up_proj.weight", "BF16", [128, 512], Models.BFloat16(128 * 512, seed: 2)),
            (Hostile, "F32", [64, 64], Models.Bytes([.. Enumerable.Range(0, 4096).Select(static i => (float)Math.Sin(i))])),
            ("noise", "U8", [500_000], noise)));
        var options = new CompareOptions { PeerRounds = 1, PeerBytes = 100_000 };
        return Write("report.html", Comparer.Measure([path], options, null, CancellationToken.None));
    }

    private string Write(string name, CompareReport report)
    {
        using (FileStream target = File.Create(_folder[name]))
        {
            HtmlReport.Write(report, target);
        }

        return _folder[name];
    }
}
