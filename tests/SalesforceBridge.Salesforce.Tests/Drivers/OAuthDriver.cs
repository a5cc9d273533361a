using System.Security.Cryptography;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A token source in front of a scripted org's token endpoint.</summary>
public sealed class OAuthDriver : IAsyncDisposable
{
    public const string TokenRoute = "POST /services/oauth2/token";

    private static readonly Lazy<RSA> SharedKey = new(() => RSA.Create(2048));
    private readonly HttpClient _http = SalesforceHttp.Create();

    private OAuthDriver(ScriptedOrg org) => Org = org;

    public static RSA Key => SharedKey.Value;

    public static OAuthGrant.ClientCredentials App { get; } = new("the-key", "the-secret");

    public ScriptedOrg Org { get; }

    public StandingClock Clock { get; } = new();

    public LogLines<OAuthTokenSource> Log { get; } = new();

    public int Logins => Org.Requests.Count(request => request.Route == TokenRoute);

    public static async Task<OAuthDriver> StartAsync() => new(await ScriptedOrg.StartAsync());

    public OAuthDriver On(params Answer[] answers)
    {
        Org.On(TokenRoute, answers);
        return this;
    }

    public Answer Token(string token) => Answer.Token(token, Org.Url);

    public OAuthTokenSource Source(OAuthGrant? grant = null, OAuthSettings? settings = null) =>
        new(grant ?? App, (settings ?? new OAuthSettings()) with { LoginUrl = settings?.LoginUrl is { IsLoopback: true } url ? url : Org.Url },
            _http, Clock, Log);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Org.DisposeAsync();
    }
}
