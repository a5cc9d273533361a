using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Serialization;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Http.Callouts;

/// <summary><c>POST /callouts/{name}</c>: Apex hands over records. The answer leaves after they are in the inbox, never before.</summary>
internal sealed partial class CalloutEndpoint(
    CallerGate gate, RequestBodies bodies, RouteSet routes, Intake intake, CalloutSettings settings, ILogger<CalloutEndpoint> logger)
{
    private const int LongestKey = 255;

    // The messages of a body may be this much larger than it: what stands beside the records is in each of them.
    private const int Spread = 2;

    private readonly CalloutNames _names = new(routes);

    public async Task AnswerAsync(HttpContext context)
    {
        string name = (string)context.Request.RouteValues["name"]!;
        try
        {
            await AnswerAsync(context, name);
        }
        catch (RequestRefusedException refused)
        {
            LogRefused(_names.IsListenedTo(name) ? name : "(unknown)", refused.Refusal.Status, refused.Refusal.Error);
            await refused.Refusal.WriteAsync(context.Response, context.RequestAborted);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller left, and nobody is there to be answered.
        }
    }

    private async Task AnswerAsync(HttpContext context, string name)
    {
        HttpRequest request = context.Request;
        if (!gate.IsTrusted(context.Connection.RemoteIpAddress))
            throw new RequestRefusedException(StatusCodes.Status403Forbidden, "untrusted_address", "The caller's address is not in BRIDGE_TRUSTED_RANGES.");
        Admission admission = gate.Examine(request.Headers);
        if (!_names.IsListenedTo(name))
            throw new RequestRefusedException(_names.RefusalOf(isAdmitted: admission is Admission.Admitted));
        if (admission is Admission.Refused refused)
            throw Unauthorized(refused);
        string? key = IdempotencyKeyOf(request.Headers);
        CheckContentType(request.ContentType);

        ReadOnlyMemory<byte> body = await bodies.ReadAsync(request, settings.LargestBody, context.RequestAborted);
        Caller caller = CallerOf(admission, body.Span);
        IReadOnlyList<NewMessage> messages = CalloutMessages.Of(
            _names.SourceOf(name), CalloutBody.Read(body), (long)settings.LargestBody * Spread, TraceParentOf(request.Headers));
        IntakeAnswer answer = await intake.AcceptAsync(
            new IntakeRequest(messages) { IdempotencyKey = caller.IdempotencyKey(key) }, context.RequestAborted);
        await WriteAsync(context, answer);
    }

    private Caller CallerOf(Admission admission, ReadOnlySpan<byte> body) =>
        (admission is Admission.Signed signed ? gate.Examine(signed.Signature, body) : admission) switch
        {
            Admission.Admitted admitted => CallerGate.WithBody(admitted.Caller, body),
            Admission.Refused refused => throw Unauthorized(refused),
            _ => throw new InvalidOperationException("A body proves who signed it, or does not."),
        };

    private static RequestRefusedException Unauthorized(Admission.Refused refused) =>
        new(StatusCodes.Status401Unauthorized, "unauthorized", refused.Why);

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

    private static Task WriteAsync(HttpContext context, IntakeAnswer answer) => answer switch
    {
        IntakeAnswer.Stored stored => AcceptedAsync(context, stored.Ids),
        IntakeAnswer.AlreadyStored stored => AcceptedAsync(context, stored.Ids),
        _ => throw new RequestRefusedException(IntakeRefusals.Of(answer)),
    };

    private static Task AcceptedAsync(HttpContext context, IReadOnlyList<long> ids)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return context.Response.WriteAsJsonAsync(new CalloutAccepted(ids.Count, ids), CalloutJson.Default.CalloutAccepted, cancellationToken: context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A callout {Name} was refused with {Status}: {Error}")]
    private partial void LogRefused(string name, int status, string error);
}

/// <summary>What an accepted callout is answered.</summary>
/// <param name="Accepted">How many messages it became.</param>
/// <param name="Ids">Their ids in the inbox, in the order of the records.</param>
internal sealed record CalloutAccepted(int Accepted, IReadOnlyList<long> Ids);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CalloutAccepted))]
internal sealed partial class CalloutJson : JsonSerializerContext;
