using System.Net;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>A raw Bayeux conversation: says exactly what a test wants, and keeps cookies as a browser does.</summary>
internal sealed class BayeuxDriver : IDisposable
{
    private readonly HttpClient _client;
    private readonly string _path;

    public BayeuxDriver(OrgDriver driver, string version = "62.0", string? token = null, bool withCookies = true)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = withCookies, CookieContainer = Cookies }) { BaseAddress = driver.Org.InstanceUrl };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "OAuth " + (token ?? driver.Token));
        _path = "/cometd/" + version;
    }

    public CookieContainer Cookies { get; } = new();

    public string ClientId { get; private set; } = "";

    public static object Handshake => new { channel = "/meta/handshake", version = "1.0", supportedConnectionTypes = new[] { "long-polling" }, id = "1" };

    public object Connect => new { channel = "/meta/connect", clientId = ClientId, connectionType = "long-polling", id = "2" };

    public object ConnectAtOnce => new { channel = "/meta/connect", clientId = ClientId, connectionType = "long-polling", id = "2", advice = new { timeout = 0 } };

    public object Disconnect => new { channel = "/meta/disconnect", clientId = ClientId, id = "4" };

    public object ToSubscribe(string channel, long? replayId = null) => replayId is null
        ? new { channel = "/meta/subscribe", clientId = ClientId, subscription = channel, id = "3" }
        : new { channel = "/meta/subscribe", clientId = ClientId, subscription = channel, id = "3", ext = new { replay = new Dictionary<string, long> { [channel] = replayId.Value } } };

    public async Task<JsonElement> HandshakeAsync()
    {
        JsonElement reply = (await SayAsync(Handshake))[0];
        ClientId = reply.TryGetProperty("clientId", out JsonElement clientId) ? clientId.GetString()! : "";
        return reply;
    }

    public async Task<JsonElement> SubscribeAsync(string channel, long? replayId = null) => (await SayAsync(ToSubscribe(channel, replayId)))[0];

    public Task<IReadOnlyList<JsonElement>> ConnectAsync() => SayAsync(Connect);

    /// <summary>Polls until that many events came; says what they were.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReceiveAsync(int count)
    {
        List<JsonElement> events = [];
        while (events.Count < count)
            events.AddRange((await ConnectAsync()).Where(message => message.TryGetProperty("data", out _)));
        return events;
    }

    public async Task<IReadOnlyList<JsonElement>> SayAsync(params object[] messages)
    {
        Answer answer = await PostAsync(JsonSerializer.Serialize(messages));
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.EnumerateArray()];
    }

    public async Task<Answer> PostAsync(string body, string? suffix = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(_path + suffix, content, OrgDriver.Ct);
        return await Answer.ReadAsync(response);
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>What tests ask a Bayeux message.</summary>
internal static class BayeuxMessages
{
    public static bool Succeeded(this JsonElement reply) => reply.GetProperty("successful").GetBoolean();

    public static string? Error(this JsonElement reply) => reply.TryGetProperty("error", out JsonElement error) ? error.GetString() : null;

    public static string? Reconnect(this JsonElement reply) =>
        reply.TryGetProperty("advice", out JsonElement advice) ? advice.GetProperty("reconnect").GetString() : null;

    public static string? FailureReason(this JsonElement reply) =>
        reply.TryGetProperty("ext", out JsonElement ext) ? ext.GetProperty("sfdc").GetProperty("failureReason").GetString() : null;

    public static JsonElement Payload(this JsonElement message) => message.GetProperty("data").GetProperty("payload");

    public static long ReplayId(this JsonElement message) => message.GetProperty("data").GetProperty("event").GetProperty("replayId").GetInt64();
}
