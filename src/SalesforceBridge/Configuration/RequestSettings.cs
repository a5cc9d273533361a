namespace SalesforceBridge.Configuration;

/// <summary>How a request proves who sends it.</summary>
internal abstract record RequestAuth
{
    private RequestAuth()
    {
    }

    public sealed record None : RequestAuth;

    public sealed record Basic(string User, Secret Password) : RequestAuth;

    public sealed record Bearer(Secret Token) : RequestAuth;

    /// <summary>A token from an OAuth token endpoint, renewed when it ends.</summary>
    public sealed record ClientCredentials(string ClientId, Secret ClientSecret, Uri TokenUrl) : RequestAuth;

    /// <summary>What a MuleSoft API with client id enforcement asks for.</summary>
    public sealed record Anypoint(string ClientId, Secret ClientSecret) : RequestAuth;

    /// <summary>A signature of time, key and body, as callers of the bridge make it.</summary>
    public sealed record Hmac(Secret Key) : RequestAuth;
}

/// <summary>An HTTP API that routes may call: what <c>do: request NAME</c> names.</summary>
/// <param name="Name">As in its config vars: capitals, digits and underscores.</param>
/// <param name="Url">Requests go there or below; without a slash at its end.</param>
/// <param name="Auth">How they prove who sends them.</param>
/// <param name="Concurrency">How many are under way at once from one process; 1 to 64.</param>
internal sealed record RequestSettings(string Name, Uri Url, RequestAuth Auth, int Concurrency)
{
    /// <summary>What the names of its config vars begin with.</summary>
    public const string Prefix = "BRIDGE_REQUEST_";

    /// <summary>The name in config vars of what a route calls <paramref name="api"/>: <c>mule-orders</c> is MULE_ORDERS.</summary>
    public static string NameOf(string api) => api.ToUpperInvariant().Replace('-', '_');

    /// <summary>The config var that has to be there for it.</summary>
    public static string UrlVariable(string api) => $"{Prefix}{NameOf(api)}_URL";
}
