using System.Text.Json;
using SalesforceBridge.InteropTests.Node;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.InteropTests.Bayeux;

/// <summary>The CometD project's own server, with a log of numbered events.</summary>
public sealed class NodeBayeuxServer : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private NodeProcess _node;

    private NodeBayeuxServer(NodeProcess node) => _node = node;

    public Uri Host => new($"http://127.0.0.1:{_node.Port}");

    public static async Task<NodeBayeuxServer> StartAsync(CancellationToken ct) =>
        new(await NodeProcess.StartAsync("Bayeux/bayeux-server.js", [], ct));

    /// <summary>Ends the server and starts it anew on the same port, with an empty log.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        int port = _node.Port;
        await _node.DisposeAsync();
        _node = await NodeProcess.StartAsync("Bayeux/bayeux-server.js", [$"{port}"], ct);
    }

    /// <summary>Makes the log so long.</summary>
    public Task PublishAsync(int count, CancellationToken ct, int perPoll = 100, int size = 500) =>
        ControlAsync($"publish?count={count}&perPoll={perPoll}&size={size}", ct);

    public Task ForgetAsync(CancellationToken ct) => ControlAsync("forget", ct);

    public async Task<int> HandshakesAsync(CancellationToken ct) => (await ControlAsync("counts", ct)).GetProperty("handshakes").GetInt32();

    public async Task<int> SubscribesAsync(CancellationToken ct) => (await ControlAsync("counts", ct)).GetProperty("subscribes").GetInt32();

    public ITokenSource Tokens() => new FixedTokens(Host);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _node.DisposeAsync();
    }

    private async Task<JsonElement> ControlAsync(string command, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host, $"/control/{command}"));
        using HttpResponseMessage response = await _http.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        using JsonDocument json = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
        return json.RootElement.Clone();
    }

    private sealed class FixedTokens(Uri host) : ITokenSource
    {
        private readonly AccessToken _token = new("token", host);

        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => ValueTask.FromResult(_token);

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => ValueTask.FromResult(_token);
    }
}
