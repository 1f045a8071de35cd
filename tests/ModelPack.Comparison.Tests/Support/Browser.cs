using System.Diagnostics;
using System.Text.Json;

namespace ModelPack.Comparison.Tests.Support;

/// <summary>Which colours a page is asked to have.</summary>
internal enum ColorScheme
{
    Light,
    Dark,
}

/// <summary>A page of a report in headless Chromium; whatever it complains about or asks the network for is kept.</summary>
internal sealed class Browser : IAsyncDisposable
{
    public const string Program = "/usr/bin/chromium";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _profile = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private DevTools? _tools;

    private Browser()
    {
    }

    /// <summary>Errors and everything else in the console.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>What was asked for, the page itself among it.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<Browser> OpenAsync(string path, int width, int height, ColorScheme scheme)
    {
        var browser = new Browser();
        try
        {
            await browser.StartAsync();
            await browser.ShowAsync(new Uri(path).AbsoluteUri, width, height, scheme);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Clicks as a mouse does: on whatever is there in the middle of the element.</summary>
    public async Task ClickAsync(string selector)
    {
        double[] middle = await EvaluateAsync<double[]>(
            $"(() => {{ const e = {One(selector)}; e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()");
        foreach (string type in (string[])["mouseMoved", "mousePressed", "mouseReleased"])
        {
            string button = type == "mouseMoved" ? "none" : "left";
            await _tools!.SendAsync("Input.dispatchMouseEvent", new { type, x = middle[0], y = middle[1], button, clickCount = 1 });
        }
    }

    /// <summary>Replaces the text of a field, as if it were typed.</summary>
    public async Task FillAsync(string selector, string text)
    {
        await EvaluateAsync<bool>($"(() => {{ const e = {One(selector)}; e.focus(); e.select(); return true; }})()");
        if (text.Length > 0)
        {
            await _tools!.SendAsync("Input.insertText", new { text });
        }
        else
        {
            await EvaluateAsync<bool>("document.execCommand('delete')");
        }
    }

    /// <summary>Chooses an option by its value.</summary>
    public Task SelectAsync(string selector, string value) => EvaluateAsync<bool>(
        $"(() => {{ const e = {One(selector)}; e.value = {Quote(value)}; e.dispatchEvent(new Event('input', {{ bubbles: true }})); e.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()");

    public Task<string> TextAsync(string selector) => EvaluateAsync<string>($"{One(selector)}.textContent");

    public Task<string[]> TextsAsync(string selector) => EvaluateAsync<string[]>($"[...document.querySelectorAll({Quote(selector)})].map(e => e.textContent)");

    public Task<int> CountAsync(string selector) => EvaluateAsync<int>($"document.querySelectorAll({Quote(selector)}).length");

    public Task<string> AttributeAsync(string selector, string name) => EvaluateAsync<string>($"{One(selector)}.getAttribute({Quote(name)})");

    public Task<bool> IsVisibleAsync(string selector) => EvaluateAsync<bool>($"{One(selector)}.checkVisibility() && {One(selector)}.getClientRects().length > 0");

    /// <summary>The value of an expression of JavaScript.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        JsonElement result = await _tools!.SendAsync("Runtime.evaluate", new { expression, returnByValue = true, userGesture = true });
        return result.TryGetProperty("exceptionDetails", out JsonElement fault)
            ? throw new InvalidOperationException($"{expression}: {fault}")
            : result.GetProperty("result").GetProperty("value").Deserialize<T>()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_tools is not null)
        {
            await _tools.DisposeAsync();
        }

        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _profile.Dispose();
    }

    private static string One(string selector) => $"document.querySelector({Quote(selector)})";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private async Task StartAsync()
    {
        string[] arguments =
        [
            "--headless=new", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--password-store=basic", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(Patience);
        const string Listening = "DevTools listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException($"{Program} ended with {_process.ExitCode}");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));

        // What it goes on to say must not fill the pipe.
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        _tools = await DevTools.ConnectAsync(new Uri(line[Listening.Length..]), OnEvent, patience.Token);
    }

    private async Task ShowAsync(string address, int width, int height, ColorScheme scheme)
    {
        await _tools!.AttachAsync();
        foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"])
        {
            await _tools.SendAsync($"{domain}.enable", new { });
        }

        await _tools.SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
        await _tools.SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme == ColorScheme.Dark ? "dark" : "light" } } });
        await _tools.SendAsync("Page.navigate", new { url = address });
        await _loaded.Task.WaitAsync(Patience);
    }

    private void OnEvent(string method, JsonElement parameters)
    {
        switch (method)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                Requests.Add(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded":
                Complaints.Add($"{method}: {parameters}");
                break;
        }
    }
}

/// <summary>A test in a browser; skipped where Debian's Chromium is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!File.Exists(Browser.Program))
        {
            Skip = $"needs {Browser.Program} (apt-get install chromium)";
        }
    }
}
