using System.Collections.Concurrent;
using System.Security.Cryptography;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>An access token: who it speaks for, and since when.</summary>
internal sealed record AccessToken(string Value, User User, ConnectedApp? App, DateTimeOffset IssuedAt);

/// <summary>The tokens of the org: those given out, those granted beforehand, and the assertions that were used up.</summary>
internal sealed class TokenStore(OrgSchema schema, SimulatorOptions options)
{
    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (ConnectedApp App, User User)> _refreshTokens = new(
        schema.Apps.SelectMany(app => app.RefreshTokens.Select(granted =>
            KeyValuePair.Create(granted.Key, (app, schema.FindUser(granted.Value)!)))),
        StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, AuthorizationCode> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _usedAssertions = new(StringComparer.Ordinal);

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(15);

    private DateTimeOffset Now => options.TimeProvider.GetUtcNow();

    /// <summary>A token in the form of a session id; SOAP logins have no app.</summary>
    public AccessToken Issue(User user, ConnectedApp? app)
    {
        var token = new AccessToken($"{schema.OrgId[..15]}!AQ{Secret()}", user, app, Now);
        _tokens[token.Value] = token;
        return token;
    }

    /// <summary>The token, if it is alive.</summary>
    public AccessToken? Find(string? value) =>
        value is not null && _tokens.TryGetValue(value, out AccessToken? token) && ExpiresAt(token) > Now ? token : null;

    /// <summary>The token, unless it was revoked: a streaming session outlives the expiry of its token.</summary>
    public AccessToken? FindUnrevoked(string? value) => value is null ? null : _tokens.GetValueOrDefault(value);

    public DateTimeOffset ExpiresAt(AccessToken token) => token.IssuedAt + options.TokenLifetime;

    /// <summary>Who a refresh token was granted to.</summary>
    public (ConnectedApp App, User User)? FindRefresh(string? value) =>
        value is not null && _refreshTokens.TryGetValue(value, out var granted) ? granted : null;

    /// <summary>A refresh token for what a user granted in a browser.</summary>
    public string GrantRefresh(User user, ConnectedApp app)
    {
        string token = $"5Aep{Secret()}";
        _refreshTokens[token] = (app, user);
        return token;
    }

    /// <summary>Keeps what a user agreed to, until the app comes for it.</summary>
    public string IssueCode(AuthorizationCode agreed)
    {
        string code = $"aPrx{Secret()}";
        _codes[code] = agreed;
        return code;
    }

    /// <summary>Gives up a code, once and in time.</summary>
    public AuthorizationCode? UseCode(string code) =>
        _codes.TryRemove(code, out AuthorizationCode? agreed) && agreed.IssuedAt + CodeLifetime > Now ? agreed : null;

    /// <summary>Ends an access token or a refresh token.</summary>
    public bool Revoke(string value) => _tokens.TryRemove(value, out _) | _refreshTokens.TryRemove(value, out _);

    /// <summary>Uses up an assertion's id; false when it was used before.</summary>
    public bool UseAssertion(string id, DateTimeOffset expiresAt)
    {
        foreach ((string used, DateTimeOffset until) in _usedAssertions)
        {
            if (until < Now)
                _usedAssertions.TryRemove(used, out _);
        }
        return _usedAssertions.TryAdd(id, expiresAt);
    }
    private static string Secret() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", 80);
}

/// <summary>What a user agreed to in a browser.</summary>
/// <param name="App">Who may come for a token.</param>
/// <param name="User">Whom the token will speak for.</param>
/// <param name="RedirectUri">Where the browser was sent; the app must say it again.</param>
/// <param name="Challenge">The SHA-256 of a secret that the app must tell (PKCE); nothing: none.</param>
/// <param name="IssuedAt">When.</param>
internal sealed record AuthorizationCode(ConnectedApp App, User User, string RedirectUri, string? Challenge, DateTimeOffset IssuedAt);
