using System.Diagnostics;

namespace SalesforceBridge.Benchmarks;

/// <summary>Sixty-four callers, each with a connection of its own and one request at a time.</summary>
internal sealed class HttpLoad(Func<int, HttpRequestMessage> requestOf) : IDisposable
{
    private const int Callers = 64;

    private readonly SocketsHttpHandler _handler = new() { MaxConnectionsPerServer = Callers };
    private int _next;

    /// <summary>Sends them, and says how long each took.</summary>
    public async Task<IReadOnlyCollection<TimeSpan>> SendAsync(int requests)
    {
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        List<TimeSpan>[] times = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(http, requests))));
        return [.. times.SelectMany(some => some)];
    }

    public void Dispose() => _handler.Dispose();

    private async Task<List<TimeSpan>> CallAsync(HttpMessageInvoker http, int requests)
    {
        List<TimeSpan> times = [];
        for (int n = Interlocked.Increment(ref _next); n <= requests; n = Interlocked.Increment(ref _next))
        {
            using HttpRequestMessage request = requestOf(n);
            long begun = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            await response.Content.LoadIntoBufferAsync();
            times.Add(Stopwatch.GetElapsedTime(begun));
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"{request.RequestUri} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        return times;
    }
}
