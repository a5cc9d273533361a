using System.Text;
using System.Text.Json;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>What a delivery asks of an API, read from its columns; it can be written as often as it is sent.</summary>
/// <param name="Method">How.</param>
/// <param name="Address">Where.</param>
/// <param name="Headers">The delivery's own.</param>
/// <param name="Body">What is sent; null where nothing is.</param>
/// <param name="ContentType">What the body is, unless the headers say it.</param>
/// <param name="Key">Tells a repeat.</param>
/// <param name="TraceParent">The trace it belongs to.</param>
internal sealed record RequestForm(
    HttpMethod Method, Uri Address, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte>? Body, string ContentType, string Key, string? TraceParent)
{
    public const string Url = "_url", MethodColumn = "_method", HeadersColumn = "_headers", BodyColumn = "_body";

    private const string Json = "application/json", Text = "text/plain; charset=utf-8";

    // Whatever jsonb keeps can be sent.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Every column of metadata that a request knows.</summary>
    public static IReadOnlyList<string> Columns { get; } = [Url, MethodColumn, HeadersColumn, BodyColumn];

    /// <summary>Whether doing it twice is as good as once by what the method means: nothing is written.</summary>
    public bool IsSafe => Method == HttpMethod.Get;

    /// <summary>Reads a delivery.</summary>
    /// <exception cref="FormatException">It asks for what cannot be sent; the message tells no value.</exception>
    public static RequestForm Read(Uri below, Delivery delivery)
    {
        JsonElement columns = delivery.Metadata is { } metadata ? JsonElement.Parse(metadata.Span, AnyDepth) : default;
        HttpMethod method = MethodOf(Column(columns, MethodColumn));
        (ReadOnlyMemory<byte>? body, string type) = BodyOf(delivery, Column(columns, BodyColumn), method);
        return new RequestForm(
            method,
            RequestAddress.Of(below, TextOf(Column(columns, Url), Url)),
            Column(columns, HeadersColumn) is { } headers ? RequestHeaders.Read(headers) : [],
            body,
            type,
            $"{delivery.Lane}/{delivery.Id}",
            delivery.TraceParent);
    }

    /// <summary>The request, with a body that is told when it goes out.</summary>
    public HttpRequestMessage Write(string userAgent)
    {
        var request = new HttpRequestMessage(Method, Address) { Content = IsSafe ? null : new SentContent(Body ?? ReadOnlyMemory<byte>.Empty) };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation(RequestHeaders.IdempotencyKey, Key);
        if (TraceParent is not null)
            request.Headers.TryAddWithoutValidation(RequestHeaders.TraceParent, TraceParent);
        foreach ((string name, string value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null && request.Content is { Headers.ContentType: null } content)
            content.Headers.TryAddWithoutValidation(RequestHeaders.ContentType, ContentType);
        return request;
    }

    private static HttpMethod MethodOf(JsonElement? column) => TextOf(column, MethodColumn)?.ToUpperInvariant() switch
    {
        null or "POST" => HttpMethod.Post,
        "GET" => HttpMethod.Get,
        "PUT" => HttpMethod.Put,
        "PATCH" => HttpMethod.Patch,
        "DELETE" => HttpMethod.Delete,
        _ => throw new FormatException("`_method` is none of GET, POST, PUT, PATCH and DELETE"),
    };

    // The columns are the body, or `_body` is; a GET has none, and a DELETE only where something is given.
    private static (ReadOnlyMemory<byte>? Body, string Type) BodyOf(Delivery delivery, JsonElement? column, HttpMethod method)
    {
        bool hasFields = JsonElement.Parse(delivery.Body.Span, AnyDepth).EnumerateObject().Any();
        if (column is not null && hasFields)
            throw new FormatException("`_body` is the whole body, and there are other columns beside it; leave out one of them");
        if (method == HttpMethod.Get && (column is not null || hasFields))
            throw new FormatException("a GET has no body; put what it asks for into the query of `_url`");
        // A bare null would become an empty body.
        return column switch
        {
            { ValueKind: JsonValueKind.String } text => (Encoding.UTF8.GetBytes(text.GetString()!), Text),
            { } json => (Encoding.UTF8.GetBytes(json.GetRawText()), Json),
            null when method == HttpMethod.Get || (method == HttpMethod.Delete && !hasFields) => (default(ReadOnlyMemory<byte>?), Json),
            null => (delivery.Body, Json),
        };
    }

    private static JsonElement? Column(JsonElement columns, string name) =>
        columns.ValueKind == JsonValueKind.Object && columns.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? TextOf(JsonElement? column, string name) => column switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw new FormatException($"`{name}` is no text"),
    };
}
