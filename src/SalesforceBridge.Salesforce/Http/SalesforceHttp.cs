using System.Net;

namespace SalesforceBridge.Salesforce.Http;

/// <summary>The HTTP client that an org's API wants: one per process, shared by token source and REST client.</summary>
public static class SalesforceHttp
{
    /// <summary>
    /// A client with pooled connections that are renewed (so that a moved host is found), gzip answers, no cookies, no redirects
    /// followed (a followed POST would become a GET) and no timeout of its own: each call sets one.
    /// </summary>
    /// <returns>A client that the caller disposes of.</returns>
    public static HttpClient Create()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Below what servers keep: a create that meets a connection just closed would be in doubt for nothing.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseCookies = false,
        };
        return new HttpClient(handler, disposeHandler: true)
        {
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
