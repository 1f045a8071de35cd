using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;

namespace ModelPack.Comparison.Tests.Support;

/// <summary>
/// Chromium's DevTools protocol (chromedevtools.github.io/devtools-protocol): JSON messages over a web socket, each answer with the
/// number of its question. What a test of a page needs of it is little; libraries for it bring whole runtimes of other languages.
/// </summary>
internal sealed class DevTools : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _questions = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Action<string, JsonElement> _onEvent;
    private Task _reading = Task.CompletedTask;
    private string? _session;
    private int _lastNumber;

    private DevTools(Action<string, JsonElement> onEvent) => _onEvent = onEvent;

    /// <summary>Connects to a browser.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="onEvent">Told of events, one after the other.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    public static async Task<DevTools> ConnectAsync(Uri address, Action<string, JsonElement> onEvent, CancellationToken cancellationToken)
    {
        var tools = new DevTools(onEvent);
        await tools._socket.ConnectAsync(address, cancellationToken);
        tools._reading = Task.Run(tools.ReadAsync, CancellationToken.None);
        return tools;
    }

    /// <summary>Opens a page; what is sent from then on is for it.</summary>
    public async Task AttachAsync()
    {
        JsonElement target = await SendAsync("Target.createTarget", new { url = "about:blank" });
        JsonElement session = await SendAsync("Target.attachToTarget", new { targetId = target.GetProperty("targetId").GetString(), flatten = true });
        _session = session.GetProperty("sessionId").GetString();
    }

    /// <summary>Sends a command and waits for its result.</summary>
    public async Task<JsonElement> SendAsync(string method, object parameters)
    {
        int id = Interlocked.Increment(ref _lastNumber);
        TaskCompletionSource<JsonElement> question = _questions.GetOrAdd(id, static _ => new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously));
        var message = new Dictionary<string, object> { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message.Add("sessionId", _session);
        }

        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await question.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonSerializer.Deserialize<JsonElement>(message.ToArray()));
                    message.SetLength(0);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            // The browser is gone, or is not wanted any more.
            foreach (TaskCompletionSource<JsonElement> question in _questions.Values)
            {
                question.TrySetException(exception);
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out JsonElement id))
        {
            _onEvent(message.GetProperty("method").GetString()!, message.GetProperty("params"));
        }
        else if (_questions.TryRemove(id.GetInt32(), out TaskCompletionSource<JsonElement>? question))
        {
            if (message.TryGetProperty("error", out JsonElement error))
            {
                question.TrySetException(new InvalidOperationException(error.ToString()));
            }
            else
            {
                question.TrySetResult(message.GetProperty("result"));
            }
        }
    }
}
