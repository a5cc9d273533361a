using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A published web process, and callers that each have a connection of their own and one request at a time.</summary>
internal sealed partial class WebDyno : IAsyncDisposable
{
    private const string Route = "-- on: callout orders\nselect 1 from message";

    private readonly RunningProcess _process;
    private readonly Uri _callouts;
    private readonly SocketsHttpHandler _connections = new() { MaxConnectionsPerServer = 256 };
    private readonly HttpMessageInvoker _http;

    private WebDyno(RunningProcess process, Uri address)
    {
        (_process, _callouts) = (process, new Uri(address, "callouts/orders"));
        _http = new HttpMessageInvoker(_connections);
    }

    /// <summary>The most memory it ever took, in MB.</summary>
    public int MostMegabytes => Megabytes("VmHWM");

    /// <summary>The memory it takes, in MB.</summary>
    public int MegabytesNow => Megabytes("VmRSS");

    public static async Task<WebDyno> StartAsync(PublishedBridge published, Bridge bridge)
    {
        bridge.WithRoute("orders", Route).WithVar("BRIDGE_CALLOUT_SECRETS", CalloutCaller.Secret);
        Dyno dyno = new Dyno(await published.FolderAsync()).With("PORT", "0").With("DYNO", "web.1").With("LOG_FORMAT", "logfmt");
        foreach ((string variable, string value) in bridge.Vars)
            dyno.With(variable, value);
        RunningProcess process = dyno.With("LOG_LEVEL", "info").Start("web");
        var web = new WebDyno(process, await Dyno.AddressOf(process));
        await web.UntilTakenAsync();
        return web;
    }

    /// <summary>Posts so many bodies, so many at a time, each with a key of its own that begins with <paramref name="name"/>.</summary>
    public async Task<IReadOnlyList<TimedAnswer>> PostAsync(string name, int requests, int callers, Func<int, byte[]> body)
    {
        int next = 0;
        List<TimedAnswer>[] answers = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            List<TimedAnswer> mine = [];
            for (int n = Interlocked.Increment(ref next); n <= requests; n = Interlocked.Increment(ref next))
                mine.Add(await PostAsync($"{name}-{n}", body(n)));
            return mine;
        })));
        return [.. answers.SelectMany(some => some)];
    }

    /// <summary>Posts once.</summary>
    public async Task<TimedAnswer> PostAsync(string key, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _callouts) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Api-Key", CalloutCaller.Secret);
        request.Headers.Add("Idempotency-Key", key);
        long begun = TimeProvider.System.GetTimestamp();
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return new TimedAnswer(key, (int)response.StatusCode, response.Headers.RetryAfter?.Delta, TimeProvider.System.GetElapsedTime(begun));
    }

    /// <summary>Posts again and again until it is taken, and says how long that took.</summary>
    public async Task<(string Key, TimeSpan After)> UntilTakenAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string key = $"first-{Guid.NewGuid():n}";
        long begun = TimeProvider.System.GetTimestamp();
        while ((await PostAsync(key, Encoding.UTF8.GetBytes($$"""{"Id":"{{key}}"}"""))).Status != 202)
            await timer.WaitForNextTickAsync(limit.Token);
        return (key, TimeProvider.System.GetElapsedTime(begun));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _connections.Dispose();
        await _process.DisposeAsync();
    }

    private int Megabytes(string measure)
    {
        string status = File.ReadAllText($"/proc/{_process.Id}/status");
        return int.Parse(Line().Matches(status).Single(line => line.Groups["name"].Value == measure).Groups["kilobytes"].Value, CultureInfo.InvariantCulture) / 1024;
    }

    [GeneratedRegex(@"^(?<name>\w+):\s+(?<kilobytes>\d+) kB$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}

/// <summary>What a callout was answered, and how soon.</summary>
internal sealed record TimedAnswer(string Key, int Status, TimeSpan? RetryAfter, TimeSpan Taken);
