using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SalesforceBridge.HerokuConnect;

/// <summary>
/// Asks Heroku Connect's API how the app's connections are. The key opens a Heroku account, so it goes to Heroku alone: the API names
/// further addresses in its answers, and one that is not https at heroku.com is not asked.
/// </summary>
internal sealed class HerokuConnectApi([FromKeyedServices(HerokuConnectApi.Http)] HttpClient http, TimeProvider time)
{
    /// <summary>The key of the HTTP client that it uses.</summary>
    public const string Http = "heroku";

    private static readonly Uri Central = new("https://hc-central.heroku.com/connections");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A client that follows no redirect and takes no endless answer.</summary>
    public static HttpClient CreateClient() => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.GZip, UseCookies = false }, disposeHandler: true)
    {
        MaxResponseContentBufferSize = 8 << 20,
    };

    /// <summary>Asks, for five seconds at most. Whatever keeps Heroku from answering is told in the answer.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<HerokuConnectHealth> AskAsync(HerokuConnectSettings settings, CancellationToken ct)
    {
        if (settings.AppName is not { } app)
            return HerokuConnectHealth.Unknown("HEROKU_API_KEY is set and HEROKU_APP_NAME is not; run: heroku labs:enable runtime-dyno-metadata");
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        (JsonElement said, string? fault) = await GetAsync(new UriBuilder(Central) { Query = $"app={Uri.EscapeDataString(app)}" }.Uri, settings, either.Token, ct);
        if (fault is not null)
            return HerokuConnectHealth.Unknown(fault);
        if (!said.TryGetProperty("results", out JsonElement results) || results.ValueKind != JsonValueKind.Array)
            return HerokuConnectHealth.Unknown("Heroku Connect's API answered without a list of connections");
        if (results.GetArrayLength() == 0)
            return HerokuConnectHealth.Unknown($"Heroku Connect knows no connection of {app} that the owner of HEROKU_API_KEY may see; see docs/heroku-connect.md");
        (ConnectionHealth? Health, string? Fault)[] asked = await Task.WhenAll(results.EnumerateArray().Select(one => AskOneAsync(one, settings, either.Token, ct)));
        return new HerokuConnectHealth([.. asked.Select(one => one.Health).OfType<ConnectionHealth>()], [.. asked.Select(one => one.Fault).OfType<string>()]);
    }

    private async Task<(ConnectionHealth? Health, string? Fault)> AskOneAsync(JsonElement one, HerokuConnectSettings settings, CancellationToken ct, CancellationToken gaveUp)
    {
        if (one.ValueKind != JsonValueKind.Object)
            return (null, "Heroku Connect's API answered with a connection that is none");
        string name = ConnectionHealth.Text(one, "resource_name") ?? ConnectionHealth.Text(one, "id") ?? "a connection";
        if (AddressOf(one) is not { } address || !IsHeroku(address))
            return (null, $"{name} was not asked: Heroku Connect's API names an address for it that is not https at heroku.com");
        (JsonElement said, string? fault) = await GetAsync(new UriBuilder(address) { Query = "deep=true" }.Uri, settings, ct, gaveUp);
        return fault is null ? (ConnectionHealth.Of(name, said), null) : (null, $"{name}: {fault}");
    }

    private static Uri? AddressOf(JsonElement connection)
    {
        string? text = ConnectionHealth.Text(connection, "detail_url")
            ?? (ConnectionHealth.Text(connection, "region_url") is { } region && ConnectionHealth.Text(connection, "id") is { } id
                ? $"{region.TrimEnd('/')}/api/v3/connections/{Uri.EscapeDataString(id)}"
                : null);
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) ? address : null;
    }

    private static bool IsHeroku(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps && address.IsDefaultPort && address.UserInfo.Length == 0
        && address.IdnHost.EndsWith(".heroku.com", StringComparison.OrdinalIgnoreCase);

    private async Task<(JsonElement Said, string? Fault)> GetAsync(Uri address, HerokuConnectSettings settings, CancellationToken ct, CancellationToken gaveUp)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key.Reveal());
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode)
                return (default, Explain(response.StatusCode, address));
            var said = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(ct));
            return said.ValueKind == JsonValueKind.Object ? (said, null) : (default, $"{address.Host} answered with no JSON object");
        }
        catch (OperationCanceledException) when (!gaveUp.IsCancellationRequested)
        {
            return (default, $"{address.Host} did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException error)
        {
            return (default, $"{address.Host} could not be asked ({error.HttpRequestError})");
        }
        catch (JsonException)
        {
            return (default, $"{address.Host} answered with no JSON");
        }
    }

    private static string Explain(HttpStatusCode status, Uri address) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"{address.Host} refused HEROKU_API_KEY ({(int)status}); make one with: heroku authorizations:create",
        _ => $"{address.Host} answered with {(int)status}",
    };
}
