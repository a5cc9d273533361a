using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Http.Callers;

/// <summary>What the org says of a session.</summary>
internal abstract record SessionProof
{
    private SessionProof()
    {
    }

    /// <summary>It is one of the org that this bridge is set up for.</summary>
    public sealed record Proven(OrgIdentity Of) : SessionProof;

    /// <summary>It is none of that org.</summary>
    public sealed record Unknown : SessionProof;

    /// <summary>The org could not be asked.</summary>
    /// <param name="Why">What stands in the way.</param>
    public sealed record Unasked(string Why) : SessionProof;
}

/// <summary>
/// Whose a session id or access token is. Only the org knows, and only the org that this bridge signs in to is asked, wherever a
/// caller says that its own may be.
/// </summary>
internal sealed class OrgSessions(IServiceProvider services, TimeProvider time) : IDisposable
{
    private const int MostRemembered = 1000;
    private const int LongestToken = 8 * 1024;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (SessionProof Proof, DateTimeOffset Until)> _known = new();

    // The org counts these calls, so that strangers must not cause many.
    private readonly SemaphoreSlim _turns = new(2);

    /// <summary>Whose it is, as the org said within the last five minutes.</summary>
    public async Task<SessionProof> ProveAsync(string token, CancellationToken ct)
    {
        // It goes into a header again.
        if (token.Length is 0 or > LongestToken || !token.All(letter => letter is > ' ' and < (char)127))
            return new SessionProof.Unknown();
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_known.TryGetValue(hash, out var known) && known.Until > time.GetUtcNow())
            return known.Proof;
        if (services.GetService<ITokenSource>() is not { } tokens || services.GetService<HttpClient>() is not { } http)
            return new SessionProof.Unasked("the bridge itself cannot sign in to its org yet");

        using var limit = new Deadline(Patience, time, ct);
        try
        {
            await _turns.WaitAsync(limit.Token);
            try
            {
                SessionProof proof = await AskAsync(http, tokens, token, limit.Token);
                return proof is SessionProof.Unasked ? proof : Remember(hash, proof);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OAuthException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new SessionProof.Unasked("the org did not answer");
        }
    }

    public void Dispose() => _turns.Dispose();

    private static async Task<SessionProof> AskAsync(HttpClient http, ITokenSource tokens, string token, CancellationToken ct)
    {
        AccessToken own = await tokens.GetAsync(ct);
        if (await WhoIsBridgeAsync(http, own, ct) is not SessionProof.Proven(var bridge))
            return new SessionProof.Unasked("the org does not say which one it is");
        SessionProof proof = await WhoIsAsync(http, own.InstanceUrl, token, ct);
        return proof is SessionProof.Proven(var caller) && !caller.IsOf(bridge.OrganizationId) ? new SessionProof.Unknown() : proof;
    }

    // A login tells which org it was for; of a token that was given as it is, the org has to be asked.
    private static async Task<SessionProof> WhoIsBridgeAsync(HttpClient http, AccessToken own, CancellationToken ct) =>
        own.Identity is { } identity ? new SessionProof.Proven(identity) : await WhoIsAsync(http, own.InstanceUrl, own.Value, ct);

    private static async Task<SessionProof> WhoIsAsync(HttpClient http, Uri instance, string token, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(instance, "/services/oauth2/userinfo"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await http.SendAsync(request, ct);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return new SessionProof.Unknown();
        if (!response.IsSuccessStatusCode)
            return new SessionProof.Unasked($"the org answered with HTTP {(int)response.StatusCode}");
        var said = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(ct));
        return Text(said, "organization_id") is { } org && Text(said, "user_id") is { } user
            ? new SessionProof.Proven(new OrgIdentity(org, user))
            : new SessionProof.Unasked("the org did not say whose it is");
    }

    private SessionProof Remember(string hash, SessionProof proof)
    {
        if (_known.Count >= MostRemembered)
            _known.Clear();
        _known[hash] = (proof, time.GetUtcNow() + Remembered);
        return proof;
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
