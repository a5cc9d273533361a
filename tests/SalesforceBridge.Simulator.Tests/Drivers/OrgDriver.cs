using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>An org of its own for a test, and a REST client of it over a real socket.</summary>
internal sealed class OrgDriver : IAsyncDisposable
{
    public const string ConsumerKey = "sandbox-consumer-key";
    public const string ConsumerSecret = "sandbox-consumer-secret";
    public const string Root = "/services/data/v62.0";

    private readonly HttpClient _client;
    private string _token = "";

    private OrgDriver(SimulatedOrg org)
    {
        Org = org;
        _client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, AllowAutoRedirect = false }) { BaseAddress = org.Url };
    }

    public SimulatedOrg Org { get; }

    public HttpClient Client => _client;

    public string Token => _token;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Started, and logged in as the integration user.</summary>
    public static async Task<OrgDriver> StartAsync(SimulatorOptions? options = null)
    {
        var driver = new OrgDriver(await SimulatedOrg.StartAsync(options ?? new SimulatorOptions(), Ct));
        await driver.LogInAsync();
        return driver;
    }

    public async Task LogInAsync()
    {
        Answer answer = await GrantAsync(("grant_type", "client_credentials"), ("client_id", ConsumerKey), ("client_secret", ConsumerSecret));
        _token = answer.Json.GetProperty("access_token").GetString()!;
    }

    /// <summary>Goes on as another user.</summary>
    public void UseToken(string token) => _token = token;

    public Task<Answer> GrantAsync(params (string Name, string Value)[] fields) => PostFormAsync("/services/oauth2/token", fields);

    public async Task<Answer> PostFormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using HttpResponseMessage response = await _client.PostAsync(path, form, Ct);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Answer> QueryAsync(string soql, string resource = "query") => GetAsync($"{Root}/{resource}?q={Uri.EscapeDataString(soql)}");

    /// <param name="method">How.</param>
    /// <param name="path">From the root of the host, or from the root of the API when it does not begin with a slash or a scheme.</param>
    /// <param name="body">Sent as JSON; text is sent as it is.</param>
    /// <param name="headers">More headers.</param>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') || path.StartsWith("http:", StringComparison.Ordinal) ? path : $"{Root}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await _client.SendAsync(request, Ct);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> PutCsvAsync(string path, string csv) => SendContentAsync(HttpMethod.Put, path, new StringContent(csv, Encoding.UTF8, "text/csv"));

    /// <param name="method">How.</param>
    /// <param name="path">From the root of the API.</param>
    /// <param name="content">Sent and disposed of.</param>
    public async Task<Answer> SendContentAsync(HttpMethod method, string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(method, $"{Root}/{path}") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using HttpResponseMessage response = await _client.SendAsync(request, Ct);
        return await Answer.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Org.DisposeAsync();
    }
}

/// <summary>An answer of the org.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    /// <summary>The first error of a REST error body.</summary>
    public string ErrorCode => Json[0].GetProperty("errorCode").GetString()!;

    public string Message => Json[0].GetProperty("message").GetString()!;

    public string Id => Json.GetProperty("id").GetString()!;

    /// <summary>As it was written.</summary>
    public string? LastModified { get; init; }

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, await response.Content.ReadAsStringAsync(OrgDriver.Ct), response.Headers)
        {
            LastModified = response.Content.Headers.LastModified?.ToString("R"),
        };
}
