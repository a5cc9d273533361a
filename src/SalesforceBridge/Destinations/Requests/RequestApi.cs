using System.Net;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>An HTTP API of the configuration as this process speaks to it: one client, one circuit and one number of places for all lanes.</summary>
internal sealed class RequestApi : IDisposable
{
    // A server commonly keeps a connection for five seconds, and a request that meets one just closed would be in doubt for nothing.
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(4);

    public RequestApi(RequestSettings settings, CircuitTimes times, TimeProvider time)
    {
        (Settings, Time) = (settings, time);
        Http = CreateClient();
        Circuit = new Circuit(times, time);
        Places = new SemaphoreSlim(settings.Concurrency);
        Proof = new RequestProof(settings.Auth, settings.Auth is RequestAuth.ClientCredentials auth ? new ApiToken(settings.Name, auth, Http, time) : null, time);
    }

    public RequestSettings Settings { get; }

    public TimeProvider Time { get; }

    public HttpClient Http { get; }

    public Circuit Circuit { get; }

    public SemaphoreSlim Places { get; }

    public RequestProof Proof { get; }

    public void Dispose()
    {
        Http.Dispose();
        Places.Dispose();
    }

    private static HttpClient CreateClient() => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = IdleConnection,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        },
        disposeHandler: true)
    {
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        // Each request has a limit of its own: its route's.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}

/// <summary>The HTTP APIs of the configuration; one that nobody calls costs nothing.</summary>
internal sealed class RequestApis(IReadOnlyList<RequestSettings> settings, CircuitTimes times, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RequestApi> _apis = [];

    /// <summary>The destination that a route calls by this name; null where the configuration has none.</summary>
    public RequestDestination? Find(string api)
    {
        string name = RequestSettings.NameOf(api);
        if (settings.FirstOrDefault(known => known.Name == name) is not { } found)
            return null;
        lock (_gate)
        {
            if (!_apis.TryGetValue(name, out RequestApi? opened))
                _apis[name] = opened = new RequestApi(found, times, time);
            return new RequestDestination(opened);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (RequestApi api in _apis.Values)
                api.Dispose();
        }
    }
}
