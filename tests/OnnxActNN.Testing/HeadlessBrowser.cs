using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxActNN.Testing;

/// <summary>Chromium without a window, spoken to over its DevTools protocol.</summary>
internal sealed class HeadlessBrowser : IDisposable
{
    private const string Announcement = "DevTools listening on ";
    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _profile = new();
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly string _session;
    private int _messages;

    private HeadlessBrowser(string program)
    {
        var start = new ProcessStartInfo(program,
        [
            // Containers have little shared memory.
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--remote-debugging-port=0",
            $"--user-data-dir={_profile.Path}", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        var address = "";
        while (_process.StandardError.ReadLine() is { } line)
        {
            if (!line.StartsWith(Announcement, StringComparison.Ordinal)) continue;
            address = line[Announcement.Length..];
            break;
        }
        Wait(_socket.ConnectAsync(new Uri(address), CancellationToken.None));
        var page = Send(
            "Target.createTarget", new JsonObject { ["url"] = "about:blank" })["targetId"]!.GetValue<string>();
        _session = Send(
            "Target.attachToTarget",
            new JsonObject { ["targetId"] = page, ["flatten"] = true })["sessionId"]!.GetValue<string>();
        Send("Runtime.enable");
        Send("Page.enable");
    }

    /// <summary>Exceptions that scripts of pages threw, and what they wrote as errors.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Starts it. Skips the running test where there is none; fails it where CI=true.</summary>
    public static HeadlessBrowser Start() => new(Requirement.Program(Programs, "chromium"));

    /// <summary>Opens a file in a window of that size and waits until it is there.</summary>
    public void Open(string path, int width, int height)
    {
        Send("Emulation.setDeviceMetricsOverride", new JsonObject
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
        Send("Page.navigate", new JsonObject { ["url"] = new Uri(path).AbsoluteUri });
        Evaluate("""
            new Promise(done =>
              document.readyState === 'complete' ? done(0) : addEventListener('load', () => done(0)))
            """);
    }

    /// <summary>The value of a JavaScript expression; of a promise, what it comes to.</summary>
    public JsonElement Evaluate(string expression)
    {
        var reply = Send("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression,
            ["returnByValue"] = true,
            ["awaitPromise"] = true,
        });
        if (reply["exceptionDetails"] is { } thrown) throw new InvalidOperationException($"{expression}: {thrown}");
        return JsonSerializer.SerializeToElement(reply["result"]!["value"]);
    }

    /// <summary>Presses a key on whatever has the focus, as <c>Tab</c>, <c>End</c> or <c>p</c>.</summary>
    public void Press(string key)
    {
        foreach (var kind in new[] { "keyDown", "keyUp" })
        {
            var press = new JsonObject { ["type"] = kind, ["key"] = key };
            if (key == "Tab") press["windowsVirtualKeyCode"] = 9;
            if (key is " " or "Enter") press["text"] = key == "Enter" ? "\r" : " ";
            Send("Input.dispatchKeyEvent", press);
        }
    }

    /// <summary>A picture of the window.</summary>
    public byte[] Screenshot() => Convert.FromBase64String(Send("Page.captureScreenshot")["data"]!.GetValue<string>());

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _profile.Dispose();
    }

    private JsonNode Send(string method, JsonObject? parameters = null)
    {
        var id = ++_messages;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session is not null) message["sessionId"] = _session;
        Wait(
            _socket.SendAsync(
                Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true,
                CancellationToken.None));
        while (true)
        {
            var reply = Receive();
            if (reply["method"]?.GetValue<string>() == "Runtime.exceptionThrown") Errors.Add(reply.ToJsonString());
            if (reply["id"]?.GetValue<int>() != id) continue;
            return reply["result"] ?? throw new InvalidOperationException($"{method}: {reply.ToJsonString()}");
        }
    }

    private JsonNode Receive()
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (true)
        {
            var part = _socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience).GetAwaiter()
                .GetResult();
            content.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return JsonNode.Parse(content.ToArray())!;
        }
    }

    private static void Wait(Task task) => task.WaitAsync(Patience).GetAwaiter().GetResult();
}
