using System.Diagnostics.Metrics;
using SalesforceBridge.Budget;
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
    /// <summary>Adds what speaks to the org, once credentials are complete, and only to the org that the database belongs to.</summary>
    public static void AddOrg(this IServiceCollection services, BridgeSettings settings)
    {
        services.AddOrgOfCommands(settings);
        services.AddHostedService<CallNotes>();
        services.AddSingleton<ITokenSource>(provider => provider.GetRequiredService<BoundTokens>());
    }

    /// <summary>Adds what speaks to any org. A command asks about the org that it has credentials for, and what it sends goes through a lane.</summary>
    public static void AddOrgOfCommands(this IServiceCollection services, BridgeSettings all)
    {
        OrgSettings settings = all.Org;
        services.AddSingleton(settings);
        services.AddSingleton(_ => SalesforceHttp.Create());
        services.AddSingleton(provider => new OAuthTokenSource(
            GrantOf(settings.Credentials), new OAuthSettings { LoginUrl = settings.LoginUrl }, provider.GetRequiredService<HttpClient>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OAuthTokenSource>>()));
        services.AddSingleton<ITokenSource>(provider => provider.GetRequiredService<OAuthTokenSource>());
        services.AddSingleton<OrgBelonging>();
        services.AddSingleton(provider => new TokenOwner(Client(provider, provider.GetRequiredService<OAuthTokenSource>(), settings)));
        services.AddSingleton<OrgGuard>();
        services.AddSingleton(provider => new BoundTokens(
            provider.GetRequiredService<OAuthTokenSource>(), provider.GetRequiredService<OrgGuard>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new ApiPace());
        services.AddSingleton<ApiCallLog>();
        services.AddSingleton<ApiMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ApiGovernor>(provider, all.ApiBudget));
        services.AddSingleton(provider => new OrgCalls(
            Client(provider, provider.GetRequiredService<ITokenSource>(), settings), provider.GetRequiredService<ApiGovernor>()));
        services.AddSingleton<OrgSession>();
        services.AddSingleton<IDestinations, BridgeDestinations>();
        services.AddSingleton<LaneDestinations>();
    }

    private static SalesforceClient Client(IServiceProvider provider, ITokenSource tokens, OrgSettings settings) => new(
        provider.GetRequiredService<HttpClient>(), tokens,
        // Lanes try again by themselves and remember it.
        new SalesforceClientSettings { ApiVersion = settings.ApiVersion, ClientName = "bridge", Retries = 0 },
        provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SalesforceClient>>());

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
