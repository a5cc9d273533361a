using System.Diagnostics.Metrics;
using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Org;

/// <summary>The org's part of a process, and of a command.</summary>
internal static class OrgServices
{
    /// <summary>Adds what speaks to the org, once credentials are complete.</summary>
    public static void AddOrg(this IServiceCollection services, OrgSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(_ => SalesforceHttp.Create());
        services.AddSingleton<ITokenSource>(provider => new OAuthTokenSource(
            GrantOf(settings.Credentials), new OAuthSettings { LoginUrl = settings.LoginUrl }, provider.GetRequiredService<HttpClient>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OAuthTokenSource>>()));
        services.AddSingleton(provider => new SalesforceClient(
            provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<ITokenSource>(),
            // Lanes try again by themselves and remember it.
            new SalesforceClientSettings { ApiVersion = settings.ApiVersion, ClientName = "bridge", Retries = 0 },
            provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SalesforceClient>>()));
        services.AddSingleton<OrgSession>();
        services.AddSingleton<IDestinations, BridgeDestinations>();
        services.AddSingleton<LaneDestinations>();
    }

    private static OAuthGrant GrantOf(OrgCredentials credentials) => credentials switch
    {
        OrgCredentials.JwtBearer jwt => new OAuthGrant.JwtBearer(jwt.ConsumerKey, jwt.Username, jwt.PrivateKeyPem.Reveal()),
        OrgCredentials.ClientCredentials client => new OAuthGrant.ClientCredentials(client.ConsumerKey, client.ConsumerSecret.Reveal()),
        OrgCredentials.RefreshToken refresh => new OAuthGrant.RefreshToken(refresh.ConsumerKey, refresh.ConsumerSecret?.Reveal(), refresh.Token.Reveal()),
        OrgCredentials.GivenToken given => new OAuthGrant.Given(given.InstanceUrl, given.AccessToken.Reveal()),
        OrgCredentials.UsernamePassword user => new OAuthGrant.UsernamePassword(user.ConsumerKey, user.ConsumerSecret.Reveal(), user.Username, user.Password.Reveal()),
        _ => throw new ArgumentException("Credentials are not complete.", nameof(credentials)),
    };
}
