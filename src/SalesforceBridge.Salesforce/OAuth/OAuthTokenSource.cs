using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Http;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>
/// Tokens by an OAuth grant. Whoever asks while a login is under way shares it; a refusal is remembered, since an org locks
/// users whose logins keep failing.
/// </summary>
/// <param name="grant">What to ask with.</param>
/// <param name="settings">Where to ask, and how often.</param>
/// <param name="http">Sends the requests; stays the caller's. It must not follow redirects: see <see cref="SalesforceHttp"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where logins are told of.</param>
public sealed partial class OAuthTokenSource(
    OAuthGrant grant, OAuthSettings settings, HttpClient http, TimeProvider time, ILogger<OAuthTokenSource> logger) : ITokenSource
{
    private readonly TokenEndpoint _endpoint = new(http, settings, time);
    private readonly Lock _gate = new();
    private OAuthGrant _grant = grant;
    private AccessToken? _token = grant is OAuthGrant.Given given ? new AccessToken(given.Token, given.InstanceUrl) : null;
    private Task<AccessToken>? _login;
    private Refusal? _refusal;
    private bool _warned;

    /// <summary>A source for a program without a host: on the machine's clock, and logging nothing.</summary>
    /// <param name="grant">What to ask with.</param>
    /// <param name="settings">Where to ask, and how often.</param>
    /// <param name="http">Sends the requests; stays the caller's. It must not follow redirects: see <see cref="SalesforceHttp"/>.</param>
    public OAuthTokenSource(OAuthGrant grant, OAuthSettings settings, HttpClient http)
        : this(grant, settings, http, TimeProvider.System, NullLogger<OAuthTokenSource>.Instance)
    {
    }

    /// <summary>
    /// Which org and user the last login was for; null before the first, and for a given token. It may change with a login.
    /// </summary>
    public OrgIdentity? Identity { get; private set; }

    /// <inheritdoc/>
    public ValueTask<AccessToken> GetAsync(CancellationToken ct) => TokenOtherThanAsync(null, ct);

    /// <inheritdoc/>
    public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => TokenOtherThanAsync(rejected.Value, ct);

    /// <summary>
    /// Asks the org what it thinks of a token, which costs no API call. Only an app that shows its secret is told; null where the grant has none.
    /// </summary>
    /// <exception cref="OAuthException">The org refused or could not be reached.</exception>
    public async Task<TokenIntrospection?> IntrospectAsync(AccessToken token, CancellationToken ct) => _grant switch
    {
        OAuthGrant.ClientCredentials app => await _endpoint.IntrospectAsync(token.Value, app.ConsumerKey, app.ConsumerSecret).WaitAsync(ct),
        OAuthGrant.RefreshToken { ConsumerSecret: { } secret } refresh => await _endpoint.IntrospectAsync(token.Value, refresh.ConsumerKey, secret).WaitAsync(ct),
        OAuthGrant.UsernamePassword user => await _endpoint.IntrospectAsync(token.Value, user.ConsumerKey, user.ConsumerSecret).WaitAsync(ct),
        _ => null,
    };

    private async ValueTask<AccessToken> TokenOtherThanAsync(string? rejected, CancellationToken ct)
    {
        Task<AccessToken> login;
        lock (_gate)
        {
            if (_token is { } token && token.Value != rejected)
                return token;
            _token = null;
            ThrowWhileRefused();
            // No caller's token ends it: the others wait for it too.
            login = _login ??= Task.Run(LoginAsync, CancellationToken.None);
        }

        return await login.WaitAsync(ct);
    }

    private void ThrowWhileRefused()
    {
        if (_refusal is not { } refusal)
            return;
        TimeSpan left = refusal.Pause - time.GetElapsedTime(refusal.At);
        if (left > TimeSpan.Zero)
            throw refusal.Why.Again(left);
        _refusal = null;
    }

    private async Task<AccessToken> LoginAsync()
    {
        try
        {
            WarnOfLegacyFlow();
            Login login = await _endpoint.AskAsync(_grant);
            Keep(login);
            LogLoggedIn(_grant, login.Token.InstanceUrl.Host);
            return login.Token;
        }
        catch (OAuthException refusal)
        {
            throw Remember(refusal);
        }
        finally
        {
            lock (_gate)
                _login = null;
        }
    }

    private void Keep(Login login)
    {
        lock (_gate)
        {
            _token = login.Token;
            Identity = login.Token.Identity;
            if (_grant is OAuthGrant.RefreshToken refresh && login.NewRefreshToken is { } rotated)
                _grant = refresh with { Token = rotated };
        }
    }

    private OAuthException Remember(OAuthException refusal)
    {
        TimeSpan pause = refusal.IsFatal ? settings.PauseAfterRefusal : refusal.RetryAfter ?? TimeSpan.Zero;
        LogNoToken(_grant, refusal.Message, pause);
        if (pause == TimeSpan.Zero)
            return refusal;
        lock (_gate)
            _refusal = new Refusal(refusal, time.GetTimestamp(), pause);
        return refusal.Again(pause);
    }

    private void WarnOfLegacyFlow()
    {
        if (_grant is not OAuthGrant.UsernamePassword || _warned)
            return;
        _warned = true;
        LogLegacyFlow();
    }

    private sealed record Refusal(OAuthException Why, long At, TimeSpan Pause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Logged in by {Grant}; the org's API is at {Host}.")]
    private partial void LogLoggedIn(OAuthGrant grant, string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No token by {Grant}: {Reason} The org is asked again after {Pause}.")]
    private partial void LogNoToken(OAuthGrant grant, string reason, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The username-password flow is in use. New orgs have it switched off, and it will go: move to JWT bearer or client credentials.")]
    private partial void LogLegacyFlow();
}
