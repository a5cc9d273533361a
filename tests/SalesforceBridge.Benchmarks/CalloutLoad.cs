using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceBridge.Benchmarks;

/// <summary>Sixty-four callers, each with a connection of its own and one request at a time.</summary>
internal sealed class CalloutLoad(Uri server) : IDisposable
{
    public const string Secret = "a-secret-of-the-benchmark-0123456789";

    private const int Callers = 64;
    private static readonly string Padding = new('x', 900);

    private readonly SocketsHttpHandler _handler = new() { MaxConnectionsPerServer = Callers };
    private int _next;

    /// <summary>Sends them, and says how long each took.</summary>
    public async Task<IReadOnlyCollection<TimeSpan>> SendAsync(int requests)
    {
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        var run = Guid.NewGuid();
        List<TimeSpan>[] times = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(http, run, requests))));
        return [.. times.SelectMany(some => some)];
    }

    public void Dispose() => _handler.Dispose();

    private async Task<List<TimeSpan>> CallAsync(HttpMessageInvoker http, Guid run, int requests)
    {
        List<TimeSpan> times = [];
        for (int n = Interlocked.Increment(ref _next); n <= requests; n = Interlocked.Increment(ref _next))
        {
            using HttpRequestMessage request = Request($"{run:n}-{n}", n);
            long begun = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            await response.Content.LoadIntoBufferAsync();
            times.Add(Stopwatch.GetElapsedTime(begun));
            if ((int)response.StatusCode != 202)
                throw new InvalidOperationException($"{server} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        return times;
    }

    private HttpRequestMessage Request(string key, int n)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"new":[{"attributes":{"type":"Order__c"},"Id":"a00{{n:d15}}","Amount__c":{{n}},"Note__c":"{{Padding}}"}],"old":null,"userId":"005000000000001"}""");
        string time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{time}.{key}."), .. body];
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "callouts/orders")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add("X-Bridge-Timestamp", time);
        request.Headers.Add("X-Bridge-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)));
        return request;
    }
}
