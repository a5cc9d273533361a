using System.Net;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Errors;

/// <summary>Reads what came with a status that is no success, in every shape an org or the hosts before it give.</summary>
internal static class ErrorBody
{
    private const int LongestText = 4_000;

    /// <returns>At least one error.</returns>
    public static IReadOnlyList<SalesforceError> Read(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            List<SalesforceError> errors = [.. ReadErrors(status, document.RootElement)];
            if (errors.Count > 0)
                return errors;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // HTML from the edge, or nothing, or half of something, or text with broken surrogates: the status is what there is.
        }

        return [new SalesforceError(OwnCodes.Http(status), Describe(body.Span), [], status)];
    }

    private static IEnumerable<SalesforceError> ReadErrors(HttpStatusCode status, JsonElement root) => root switch
    {
        { ValueKind: JsonValueKind.Array } when status is HttpStatusCode.MultipleChoices => [ReadChoices(root)],
        { ValueKind: JsonValueKind.Array } => root.EnumerateArray().Select(item => ReadError(status, item)).OfType<SalesforceError>(),
        { ValueKind: JsonValueKind.Object } when root.TryGetProperty("errors", out JsonElement errors)
            && errors.ValueKind is JsonValueKind.Array => ReadErrors(status, errors),
        _ => ReadError(status, root) is { } error ? [error] : [],
    };

    private static SalesforceError ReadChoices(JsonElement urls) =>
        new(OwnCodes.MultipleChoices,
            $"{urls.GetArrayLength()} records have this external id: {string.Join(", ", urls.EnumerateArray().Select(url => url.ToString()))}"
                .Shortened(),
            [], HttpStatusCode.MultipleChoices);

    private static SalesforceError? ReadError(HttpStatusCode status, JsonElement error)
    {
        if (error.ValueKind is not JsonValueKind.Object)
            return null;
        string? code = Text(error, "errorCode") ?? Text(error, "statusCode") ?? Text(error, "error");
        string? message = Text(error, "message") ?? Text(error, "error_description");
        return code is null && message is null
            ? null
            : new SalesforceError(code ?? OwnCodes.Http(status), (message ?? "").Shortened(), Fields(error), status);
    }

    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string[] Fields(JsonElement error) =>
        error.TryGetProperty("fields", out JsonElement fields) && fields.ValueKind is JsonValueKind.Array
            ? [.. fields.EnumerateArray().Select(field => field.ToString())]
            : [];

    private static string Describe(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> text = body.Trim(" \t\r\n"u8);
        return text.IsEmpty ? "an answer without a body"
            : text[0] == (byte)'<' ? "a page of markup, not an answer of the API"
            : "a body that is not the API's";
    }

    private static string Shortened(this string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";
}
