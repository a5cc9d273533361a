using System.Buffers;
using System.Text.Json;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>The headers that a delivery may add to its request. Those that belong to the connection, to who sends it and to what it is stay the bridge's.</summary>
internal static class RequestHeaders
{
    public const string IdempotencyKey = "Idempotency-Key", TraceParent = "traceparent", ContentType = "Content-Type";

    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Content-Length", "Expect", "Host", "Authorization", "User-Agent", IdempotencyKey, TraceParent,
        RequestProof.ClientIdHeader, RequestProof.ClientSecretHeader, Http.Callers.BodySignature.SignatureHeader, Http.Callers.BodySignature.TimestampHeader,
    };

    /// <summary>Reads the <c>_headers</c> column.</summary>
    /// <exception cref="FormatException">It is not a JSON object of texts, or holds what cannot be sent; the message tells no value.</exception>
    public static IReadOnlyList<(string Name, string Value)> Read(JsonElement column)
    {
        if (column.ValueKind != JsonValueKind.Object)
            throw new FormatException("`_headers` is no JSON object, such as jsonb_build_object('Accept', 'application/json')");
        return [.. column.EnumerateObject().Where(header => header.Value.ValueKind != JsonValueKind.Null).Select(ReadOne)];
    }

    private static (string Name, string Value) ReadOne(JsonProperty header)
    {
        string name = header.Name;
        if (name.Length is 0 or > 100 || name.AsSpan().ContainsAnyExcept(NameLetters))
            throw new FormatException("`_headers` holds a name that no header has");
        if (Ours.Contains(name))
            throw new FormatException($"`_headers` holds {name}, which the bridge sets itself; leave it out");
        string? value = header.Value.ValueKind switch
        {
            JsonValueKind.String => header.Value.GetString(),
            JsonValueKind.Number => header.Value.GetRawText(),
            _ => null,
        };
        return value is not null && value.Length <= 4000 && value.All(letter => letter is >= ' ' and <= '~')
            ? (name, value.Trim())
            : throw new FormatException($"`_headers` holds for {name} what no header can; a value is a text of printable ASCII characters");
    }
}
