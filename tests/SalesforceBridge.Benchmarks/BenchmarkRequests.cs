using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;

namespace SalesforceBridge.Benchmarks;

/// <summary>What an org sends in a benchmark, each request for itself, as it goes over the wire.</summary>
internal static class BenchmarkRequests
{
    public const string Secret = "a-secret-of-the-benchmark-0123456789";

    private static readonly string Padding = new('x', 900);
    private static readonly string Path = OutboundMessageEndpoint.Path + OutboundMessageTokens.Of(new Secret(Secret));
    private static long _notifications;

    /// <summary>A signed callout of 1 KB.</summary>
    public static byte[] Callout(Guid run, int n)
    {
        string key = $"{run:n}-{n}";
        byte[] body = Encoding.UTF8.GetBytes($$"""{"new":[{"attributes":{"type":"Order__c"},"Id":"a00{{n:d15}}","Amount__c":{{n}},"Note__c":"{{Padding}}"}],"old":null,"userId":"005000000000001"}""");
        string time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{time}.{key}."), .. body];
        return Post("/callouts/orders", body, "application/json",
            ("Idempotency-Key", key), ("X-Bridge-Timestamp", time),
            ("X-Bridge-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed))));
    }

    /// <summary>An outbound message of so many notifications, none of which was sent before.</summary>
    public static byte[] OutboundMessage(int notifications)
    {
        long last = Interlocked.Add(ref _notifications, notifications);
        var envelope = new SoapEnvelope([.. Enumerable.Range(0, notifications).Select(n => SoapEnvelope.Opportunity($"04l{last - n:d15}"))]);
        return Post(Path, envelope.Bytes, "text/xml; charset=utf-8", ("SOAPAction", "\"\""));
    }

    private static byte[] Post(string path, byte[] body, string type, params (string Name, string Value)[] headers)
    {
        string lines = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        return [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n{lines}\r\n"), .. body];
    }
}
