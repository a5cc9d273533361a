using System.Text.Json.Serialization;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callouts;

/// <summary><c>POST /callouts/{name}</c>: Apex hands over records. The answer leaves after they are in the inbox, never before.</summary>
internal sealed partial class CalloutEndpoint(
    CalloutReader reader, CalloutNames names, Intake intake, ReplyAnswers replies, CalloutSettings settings, ILogger<CalloutEndpoint> logger)
{
    // The messages of a body may be this much larger than it: what stands beside the records is in each of them.
    private const int Spread = 2;

    public async Task AnswerAsync(HttpContext context)
    {
        string name = (string)context.Request.RouteValues["name"]!;
        try
        {
            await AnswerAsync(context, name);
        }
        catch (RequestRefusedException refused)
        {
            LogRefused(names.IsListenedTo(name) ? name : "(unknown)", refused.Refusal.Status, refused.Refusal.Error);
            await refused.Refusal.WriteAsync(context.Response, context.RequestAborted);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller left, and nobody is there to be answered.
        }
    }

    private async Task AnswerAsync(HttpContext http, string name)
    {
        TakenCallout taken = await TakeAsync(http, name);
        // What is to be kept is kept before anything is answered.
        IReadOnlyList<long> ids = taken.Kept is { } kept ? await KeepAsync(kept, http.RequestAborted) : [];
        if (taken.Asked is { } asked)
            await replies.WriteAsync(http, asked.Route, asked.Request.Body, asked.Request.Caller);
        else
            await AcceptedAsync(http, ids);
    }

    // The body, which may be large, goes no further than it must: while its messages wait for their commit they are all there is of it.
    private async Task<TakenCallout> TakeAsync(HttpContext http, string name)
    {
        CalloutRequest request = await reader.ReadAsync(http, name);
        CalloutBody content = CalloutBody.Read(request.Body);
        Callout callout = names.Find(name);
        callout.Check(request.Body, content);
        return new TakenCallout(
            callout.IsKept ? ToKeep(callout, content, request) : null,
            callout.Reply is { } route ? (route, request) : null);
    }

    private IntakeRequest ToKeep(Callout callout, CalloutBody content, CalloutRequest request) =>
        new(CalloutMessages.Of(callout.Source, content, (long)settings.LargestBody * Spread, request.TraceParent)) { IdempotencyKey = request.Key, Caller = request.Session, UserId = content.UserId };

    private async Task<IReadOnlyList<long>> KeepAsync(IntakeRequest request, CancellationToken ct) => await intake.AcceptAsync(request, ct) switch
    {
        IntakeAnswer.Stored stored => stored.Ids,
        IntakeAnswer.AlreadyStored stored => stored.Ids,
        var answer => throw new RequestRefusedException(IntakeRefusals.Of(answer)),
    };

    private static Task AcceptedAsync(HttpContext context, IReadOnlyList<long> ids)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return context.Response.WriteAsJsonAsync(new CalloutAccepted(ids.Count, ids), CalloutJson.Default.CalloutAccepted, cancellationToken: context.RequestAborted);
    }

    private sealed record TakenCallout(IntakeRequest? Kept, (Route Route, CalloutRequest Request)? Asked);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A callout {Name} was refused with {Status}: {Error}")]
    private partial void LogRefused(string name, int status, string error);
}

/// <summary>What an accepted callout is answered.</summary>
/// <param name="Accepted">How many messages it became.</param>
/// <param name="Ids">Their ids in the inbox, in the order of the records.</param>
internal sealed record CalloutAccepted(int Accepted, IReadOnlyList<long> Ids);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CalloutAccepted))]
[JsonSerializable(typeof(CallerMember))]
internal sealed partial class CalloutJson : JsonSerializerContext;
