using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Http.Callers;

/// <summary>
/// Callers that come through Heroku AppLink with the header <c>x-client-context</c>. Anybody can write such a header, so the token in it is
/// shown to the org that is configured, never to the address that the header names, and only that org's word counts.
/// </summary>
internal sealed class AppLinkCallers(IServiceProvider services, TimeProvider time) : IDisposable
{
    public const string ContextHeader = "x-client-context";

    private const int LongestContext = 16 * 1024;
    private const int MostRemembered = 1000;
    private const int ComparedCharacters = 15;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (Admission Admission, DateTimeOffset Until)> _known = new();

    // The org counts these calls, so that strangers must not cause many.
    private readonly SemaphoreSlim _turns = new(2);

    /// <summary>What a context proves, once the org was asked.</summary>
    public async Task<Admission> ProveAsync(string header, CancellationToken ct)
    {
        if (Read(header) is not (string token, string orgId))
            return new Admission.Refused($"{ContextHeader} is not what AppLink writes.");
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_known.TryGetValue($"{orgId} {hash}", out var known) && known.Until > time.GetUtcNow())
            return known.Admission;
        if (services.GetService<ITokenSource>() is not { } tokens || services.GetService<HttpClient>() is not { } http)
            return new Admission.Refused($"{ContextHeader} cannot be proven before the bridge itself can sign in to its org.");

        using var limit = new Deadline(Patience, time, ct);
        try
        {
            await _turns.WaitAsync(limit.Token);
            try
            {
                return Remember($"{orgId} {hash}", await AskAsync(http, tokens, token, orgId, limit.Token));
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (Exception error) when (error is HttpRequestException or OAuthException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new Admission.Refused($"{ContextHeader} could not be proven: the org did not answer.");
        }
    }

    public void Dispose() => _turns.Dispose();

    private static async Task<Admission> AskAsync(HttpClient http, ITokenSource tokens, string token, string orgId, CancellationToken ct)
    {
        AccessToken own = await tokens.GetAsync(ct);
        if (await WhoIsAsync(http, own.InstanceUrl, token, ct) is not { } caller || await WhoIsAsync(http, own.InstanceUrl, own.Value, ct) is not { } bridge)
            return new Admission.Refused($"The token of {ContextHeader} is none of the org that this bridge is set up for.");
        return IsSame(caller.OrganizationId, bridge.OrganizationId) && IsSame(orgId, bridge.OrganizationId)
            ? new Admission.Admitted(new Caller(caller.UserId, "applink"))
            : new Admission.Refused($"{ContextHeader} is of another org than this bridge is set up for.");
    }

    private static async Task<OrgIdentity?> WhoIsAsync(HttpClient http, Uri instance, string token, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(instance, "/services/oauth2/userinfo"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
            return null;
        var said = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(ct));
        return Text(said, "organization_id") is { } org && Text(said, "user_id") is { } user ? new OrgIdentity(org, user) : null;
    }

    private Admission Remember(string context, Admission admission)
    {
        if (_known.Count >= MostRemembered)
            _known.Clear();
        _known[context] = (admission, time.GetUtcNow() + Remembered);
        return admission;
    }

    // Ids of 18 characters are those of 15 with three that only guard the case.
    private static bool IsSame(string one, string other) =>
        one.Length >= ComparedCharacters && other.Length >= ComparedCharacters
        && one.AsSpan(0, ComparedCharacters).SequenceEqual(other.AsSpan(0, ComparedCharacters));

    private static (string Token, string OrgId)? Read(string header)
    {
        byte[] bytes = new byte[header.Length];
        if (header.Length > LongestContext || !Convert.TryFromBase64String(header, bytes, out int written))
            return null;
        try
        {
            var context = JsonElement.Parse(bytes.AsSpan(0, written));
            // A token goes into a header again.
            return Text(context, "accessToken") is { Length: > 0 } token && token.All(letter => letter is > ' ' and < (char)127) && Text(context, "orgId") is { } org
                ? (token, org)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
