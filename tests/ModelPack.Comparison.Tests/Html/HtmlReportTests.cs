using Microsoft.Playwright;
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
        ILocator names = browser.Page.Locator("table.tensors tbody tr.tensor td.name");

        // By saving, the largest first.
        Assert.Equal("layers.0.attn.q_proj.weight", await names.First.TextContentAsync());

        await browser.Page.ClickAsync("th[data-column=bytes] button");
        Assert.Equal("descending", await browser.Page.GetAttributeAsync("th[data-column=bytes]", "aria-sort"));
        Assert.Equal("noise", await names.First.TextContentAsync());
        await browser.Page.ClickAsync("th[data-column=bytes] button");
        Assert.Equal("ascending", await browser.Page.GetAttributeAsync("th[data-column=bytes]", "aria-sort"));
        Assert.Equal("noise", await names.Last.TextContentAsync());
        await browser.Page.ClickAsync("th[data-column=tensor] button");
        string[] sorted = [.. await names.AllTextContentsAsync()];
        Assert.Equal(4, sorted.Length);
        Assert.Equal("layers.1.mlp.up_proj.weight", sorted[^2]);

        await browser.Page.FillAsync("input[type=search]", "MLP");
        Assert.Equal(["layers.1.mlp.up_proj.weight"], await names.AllTextContentsAsync());
        Assert.Equal("1 of 4 tensors", await browser.Page.TextContentAsync("output"));
        await browser.Page.FillAsync("input[type=search]", "");
        await browser.Page.SelectOptionAsync("select[aria-label='All dtypes']", "U8");
        Assert.Equal(["noise"], await names.AllTextContentsAsync());
        await browser.Page.SelectOptionAsync("select[aria-label='All dtypes']", "");
        Assert.Equal(4, await names.CountAsync());

        await names.First.ClickAsync();
        Assert.Contains("H(exponent", await browser.Page.Locator("tr.detail").TextContentAsync(), StringComparison.Ordinal);

        Assert.Equal(5, await browser.Page.Locator("figure svg").CountAsync());
        Assert.Empty(browser.Complaints);
        Assert.Equal([new Uri(page).AbsoluteUri], browser.Requests);
    }

    [BrowserFact]
    public async Task Hostile_names_are_only_text()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 1280, 900, ColorScheme.Light);

        Assert.Contains("ModelPack compare", await browser.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await browser.Page.Locator("img").CountAsync());
        string name = Hostile.Replace("\u202E", "\\u{202E}", StringComparison.Ordinal);
        Assert.Contains(name, await browser.Page.Locator("table.tensors td.name").AllTextContentsAsync());
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Dark_follows_the_system_and_the_button()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 1280, 900, ColorScheme.Dark);

        Assert.Equal("rgb(16, 20, 26)", await BackgroundAsync());
        await browser.Page.ClickAsync("#theme");
        Assert.Equal("rgb(247, 248, 250)", await BackgroundAsync());
        await browser.Page.ClickAsync("#theme");
        Assert.Equal("rgb(16, 20, 26)", await BackgroundAsync());
        Assert.Empty(browser.Complaints);

        Task<string> BackgroundAsync() => browser.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [BrowserFact]
    public async Task Phone_scrolls_tables_and_never_the_page()
    {
        await using Browser browser = await Browser.OpenAsync(WriteReport(), 390, 844, ColorScheme.Light);

        Assert.Equal(390, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.False(await browser.Page.IsVisibleAsync("th[data-column=bound]"));
        Assert.True(await browser.Page.IsVisibleAsync("th[data-column=ratio]"));
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
            await browser.Page.ClickAsync("nav.models button:nth-child(2)");
            Assert.Equal(["false", "true"], await browser.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('nav.models button')].map(b => b.getAttribute('aria-pressed'))"));
            Assert.Empty(browser.Complaints);
        }

        await using (Browser browser = await Browser.OpenAsync(Write("difference.html", Comparer.Difference(old, made, options, null, CancellationToken.None)), 1280, 900, ColorScheme.Light))
        {
            Assert.Equal(["w", "v"], await browser.Page.Locator("table.tensors td.name").AllTextContentsAsync());
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
