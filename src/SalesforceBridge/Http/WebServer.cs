using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Http;

/// <summary>Kestrel, with limits fit for a process of 512 MB behind Heroku's router.</summary>
internal static class WebServer
{
    /// <summary>The largest request body, in bytes, where an endpoint has no limit of its own.</summary>
    public const int LargestBody = 2 * 1024 * 1024;

    public static void AddWebServer(this WebApplicationBuilder builder, BridgeSettings settings)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.ListenAnyIP(settings.Port);
            Limit(server.Limits, server.ApplicationServices.GetRequiredService<RequestLimits>());
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<ForwardedHeadersOptions>(TrustRouter);
    }

    private static void Limit(KestrelServerLimits limits, RequestLimits requests)
    {
        limits.MaxRequestBodySize = LargestBody;

        // What nobody reads yet waits in the network and not in here.
        limits.MaxRequestBufferSize = 128 * 1024;
        limits.MaxRequestHeaderCount = 60;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.RequestHeadersTimeout = requests.HeaderPatience;

        // One more is closed without a word, which costs nothing: the router makes a 503 (H13) of that, and an org sends again later.
        limits.MaxConcurrentConnections = requests.Connections;
        limits.MaxConcurrentUpgradedConnections = 0;

        // The router keeps idle connections for 90 s and must be the one that closes them.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
    }

    // Only the router reaches a dyno, from addresses nobody can list; it appends the caller's address as the last one.
    private static void TrustRouter(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
    }
}
