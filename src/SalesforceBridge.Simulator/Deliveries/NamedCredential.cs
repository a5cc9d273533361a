using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>A Named Credential of OAuth's client credentials flow: gets a token, keeps it, and gets another when it is refused.</summary>
internal sealed class NamedCredential(OAuthClient client)
{
    private string? _token;

    /// <summary>The token that is kept, or a new one.</summary>
    /// <exception cref="HttpRequestException">The token endpoint gives none.</exception>
    public async Task<string> TokenAsync(HttpMessageInvoker http, Uri callout, CancellationToken ct)
    {
        if (Volatile.Read(ref _token) is { } kept)
            return kept;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(callout, client.TokenUrl))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = client.Id,
                ["client_secret"] = client.Secret,
            }),
        };
        using HttpResponseMessage response = await http.SendAsync(request, ct);
        string token = response.StatusCode is HttpStatusCode.OK ? Read(await response.Content.ReadAsByteArrayAsync(ct)) : throw Refused(response.StatusCode);
        Volatile.Write(ref _token, token);
        return token;
    }

    /// <summary>Keeps a token no longer that was refused.</summary>
    public void Forget(string token) => Interlocked.CompareExchange(ref _token, null, token);

    private static string Read(byte[] body)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body);
            return answer.RootElement.GetProperty("access_token").GetString() ?? throw NoToken(null);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw NoToken(error);
        }
    }

    private static HttpRequestException Refused(HttpStatusCode status) => new($"The token endpoint answers {(int)status}", null, status);

    private static HttpRequestException NoToken(Exception? cause) => new("The token endpoint answers without an access_token", cause);
}

/// <summary>Puts the token of a request's Named Credential on it.</summary>
internal sealed class CredentialHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public static readonly HttpRequestOptionsKey<NamedCredential> Credential = new("namedCredential");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(Credential, out NamedCredential? credential))
            return await base.SendAsync(request, cancellationToken);
        string token = await AuthorizeAsync(request, credential, cancellationToken);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Unauthorized)
            return response;
        response.Dispose();
        credential.Forget(token);
        await AuthorizeAsync(request, credential, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }

    private async Task<string> AuthorizeAsync(HttpRequestMessage request, NamedCredential credential, CancellationToken ct)
    {
        using var direct = new HttpMessageInvoker(InnerHandler!, disposeHandler: false);
        string token = await credential.TokenAsync(direct, request.RequestUri!, ct);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return token;
    }
}
