using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>What the scripted org answers one request with.</summary>
public sealed record Answer(int Status, string Body = "")
{
    public string ContentType { get; init; } = "application/json;charset=UTF-8";

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>How many bytes of the body are sent before the connection is cut; null sends it whole.</summary>
    public int? CutAfter { get; init; }

    /// <summary>How many bytes of the body are sent before nothing comes any more; null sends on.</summary>
    public int? StallAfter { get; init; }

    public bool IsChunked { get; init; }

    /// <summary>The connection is closed without an answer.</summary>
    public bool IsDropped { get; init; }

    /// <summary>The server refuses the stream as one that it has not looked at, which HTTP/2 alone can say.</summary>
    public bool IsNotBegun { get; init; }

    /// <summary>The answer waits for this.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    /// <summary>A body that is not text.</summary>
    public byte[]? Packed { get; init; }

    public byte[] Bytes => Packed ?? Encoding.UTF8.GetBytes(Body);

    public static Answer Ok(string json) => new(200, json);

    public static Answer Csv(string csv) => new(200, csv) { ContentType = "text/csv" };

    public static Answer Html(int status) => new(status, "<!DOCTYPE html><html><body>Down for maintenance</body></html>") { ContentType = "text/html" };

    public static Answer Dropped() => new(0) { IsDropped = true };

    public static Answer NotBegun() => new(0) { IsNotBegun = true };

    public static Answer Error(int status, string code, string message = "because", params string[] fields) =>
        new(status, $$"""[{"message":{{JsonSerializer.Serialize(message)}},"errorCode":"{{code}}","fields":{{JsonSerializer.Serialize(fields)}}}]""");

    public static Answer SessionExpired() => Error(401, "INVALID_SESSION_ID", "Session expired or invalid");

    public static Answer Token(string token, Uri instance) => Ok($$"""
        {"access_token":"{{token}}","signature":"c2ln","scope":"api","instance_url":"{{instance.GetLeftPart(UriPartial.Authority)}}",
         "id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","token_type":"Bearer","issued_at":"1732270000000"}
        """);

    public override string ToString() => $"HTTP {Status}";

    public Answer With(string header, string value) => this with { Headers = new(Headers) { [header] = value } };
}
