using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callouts;

/// <summary>A callout that may be answered: who calls is proven.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Key">What tells its repetitions, as the inbox knows it; null: it is a new one.</param>
/// <param name="Body">What was sent, unpacked.</param>
/// <param name="TraceParent">The trace it belongs to.</param>
internal sealed record CalloutRequest(Caller Caller, string? Key, ReadOnlyMemory<byte> Body, string? TraceParent)
{
    /// <summary>The caller's session in the org, encrypted; null where no route acts as its caller.</summary>
    public SealedCaller? Session { get; init; }
}

/// <summary>Reads callouts: where from, who, for which name, what, in whose name. Each question comes before the next one costs anything.</summary>
internal sealed class CalloutReader(CallerProof proof, CallerSessions sessions, RequestBodies bodies, CalloutNames names, CalloutSettings settings)
{
    /// <summary>How many bytes an Idempotency-Key may have.</summary>
    public const int LongestKey = 255;

    /// <summary>The request.</summary>
    /// <exception cref="RequestRefusedException">It is not taken.</exception>
    public async Task<CalloutRequest> ReadAsync(HttpContext http, string name)
    {
        HttpRequest request = http.Request;
        Admission admission = proof.Examine(http);
        if (!names.IsListenedTo(name))
            throw new RequestRefusedException(names.RefusalOf(name, isAdmitted: admission is Admission.Admitted));
        admission = await proof.AskOrgAsync(admission, http.RequestAborted);

        string? key = IdempotencyKeyOf(request.Headers);
        CheckContentType(request.ContentType);
        ReadOnlyMemory<byte> body = await bodies.ReadAsync(request, settings.LargestBody, http.RequestAborted);
        Caller caller = proof.CallerOf(admission, body.Span);
        SealedCaller? session = await sessions.TakeAsync(names.Find(name), request.Headers, http.RequestAborted);
        return new CalloutRequest(caller, caller.IdempotencyKey(key), body, TraceParentOf(request.Headers)) { Session = session };
    }

    private static string? IdempotencyKeyOf(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(CallerGate.IdempotencyHeader, out var values))
            return null;
        string key = values.ToString();
        return Encoding.UTF8.GetByteCount(key) is > 0 and <= LongestKey
            ? key
            : throw new RequestRefusedException(
                StatusCodes.Status400BadRequest, "bad_idempotency_key", $"{CallerGate.IdempotencyHeader} must have 1 to {LongestKey} bytes. Use a hash of what is longer.");
    }

    // A body whose sender says nothing of it is JSON, as everything here.
    private static void CheckContentType(string? type)
    {
        if (string.IsNullOrWhiteSpace(type))
            return;
        bool isJson = MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? parsed) && parsed.MediaType is { } media
            && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.Equals("text/json", StringComparison.OrdinalIgnoreCase)
                || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            && (parsed.CharSet?.Trim('"').ToUpperInvariant() ?? "UTF-8") is "UTF-8" or "US-ASCII";
        if (!isJson)
            throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, "content_type", "The body is said to be something else. Send Content-Type: application/json in UTF-8.");
    }

    private static string? TraceParentOf(IHeaderDictionary headers) =>
        headers.TraceParent.ToString() is { Length: 55 } trace && ActivityContext.TryParse(trace, null, out _) ? trace : null;
}
