using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>Apex, as it calls a web process: with the bridge it calls, and what it is answered.</summary>
internal sealed class CalloutCaller : IAsyncDisposable
{
    public const string Secret = "a-secret-of-the-test-0123456789";
    public const string OtherSecret = "b-secret-of-the-test-0123456789";
    public const string Route = "-- on: callout orders\nselect 1 from message";

    private readonly TestHost _web;

    private CalloutCaller(Bridge bridge, TestHost web) => (Bridge, _web, Http) = (bridge, web, web.Browse());

    public Bridge Bridge { get; }

    public Browser Http { get; }

    public IReadOnlyList<string> Log => _web.Lines;

    public Task<string> LogLineAsync(string words) => _web.LogLineAsync(words);

    public static async Task<CalloutCaller> StartAsync(
        Action<ConfigVars>? vars = null, string? route = Route, ProcessRole role = ProcessRole.Web, Action<IServiceCollection>? change = null,
        PostgresServer? server = null)
    {
        Bridge bridge = await Bridge.StartAsync(server: server);
        if (route is not null)
            bridge.WithRoute("orders", route);
        return await OnAsync(bridge, vars, role, change);
    }

    /// <summary>Calls a bridge with routes of the test's own; it goes with the caller.</summary>
    public static async Task<CalloutCaller> OnAsync(
        Bridge bridge, Action<ConfigVars>? vars = null, ProcessRole role = ProcessRole.Web, Action<IServiceCollection>? change = null)
    {
        ConfigVars all = bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", $"mes={Secret}\nerp={OtherSecret}");
        vars?.Invoke(all);
        return new CalloutCaller(bridge, await TestHost.StartAsync(role, all, change));
    }

    public static HttpRequestMessage Request(string body, string name = "orders") => Request(Encoding.UTF8.GetBytes(body), name);

    public static HttpRequestMessage Request(byte[] body, string name = "orders")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/callouts/{name}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }

    /// <summary>Posts with the secret as Apex' API key.</summary>
    public Task<CalloutAnswer> PostAsync(string body, string? key = null, string name = "orders") => PostAsync(Encoding.UTF8.GetBytes(body), key, name);

    public Task<CalloutAnswer> PostAsync(byte[] body, string? key = null, string name = "orders")
    {
        HttpRequestMessage request = Request(body, name).With("X-Api-Key", Secret);
        return SendAsync(key is null ? request : request.With("Idempotency-Key", key));
    }

    public async Task<CalloutAnswer> SendAsync(HttpRequestMessage request)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await Http.SendAsync(sent);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new CalloutAnswer((int)response.StatusCode, body, response.Headers.RetryAfter?.Delta);
    }

    public static string Sign(string secret, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    public Task<long> CountAsync() => Bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _web.DisposeAsync();
        await Bridge.DisposeAsync();
    }
}

/// <summary>What a callout was answered.</summary>
internal sealed record CalloutAnswer(int Status, string Body, TimeSpan? RetryAfter)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public long[] Ids => [.. Json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())];

    public string? Error => Json.GetProperty("error").GetString();

    public string? Message => Json.GetProperty("message").GetString();
}

internal static class RequestExtensions
{
    public static HttpRequestMessage With(this HttpRequestMessage request, string header, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(header, value))
            request.Content!.Headers.TryAddWithoutValidation(header, value);
        return request;
    }
}
