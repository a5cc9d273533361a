using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;

namespace SalesforceBridge.Benchmarks;

/// <summary>What an org sends in a benchmark, each request for itself.</summary>
internal static class BenchmarkRequests
{
    public const string Secret = "a-secret-of-the-benchmark-0123456789";

    private static readonly string Padding = new('x', 900);
    private static readonly string Path = OutboundMessageEndpoint.Path + OutboundMessageTokens.Of(new Secret(Secret));
    private static long _notifications;

    /// <summary>A signed callout of 1 KB.</summary>
    public static HttpRequestMessage Callout(Uri server, Guid run, int n)
    {
        string key = $"{run:n}-{n}";
        byte[] body = Encoding.UTF8.GetBytes($$"""{"new":[{"attributes":{"type":"Order__c"},"Id":"a00{{n:d15}}","Amount__c":{{n}},"Note__c":"{{Padding}}"}],"old":null,"userId":"005000000000001"}""");
        string time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{time}.{key}."), .. body];
        HttpRequestMessage request = Post(new Uri(server, "callouts/orders"), body, "application/json");
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add("X-Bridge-Timestamp", time);
        request.Headers.Add("X-Bridge-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)));
        return request;
    }

    /// <summary>An outbound message of so many notifications, none of which was sent before.</summary>
    public static HttpRequestMessage OutboundMessage(Uri server, int notifications)
    {
        long last = Interlocked.Add(ref _notifications, notifications);
        var envelope = new SoapEnvelope([.. Enumerable.Range(0, notifications).Select(n => SoapEnvelope.Opportunity($"04l{last - n:d15}"))]);
        HttpRequestMessage request = Post(new Uri(server, Path), envelope.Bytes, "text/xml; charset=utf-8");
        request.Headers.Add("SOAPAction", "\"\"");
        return request;
    }

    private static HttpRequestMessage Post(Uri address, byte[] body, string type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return request;
    }
}
