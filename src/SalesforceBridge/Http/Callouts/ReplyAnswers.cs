using System.Text;
using System.Text.Json;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callouts;

/// <summary>Answers a callout with what a route selects for it.</summary>
internal sealed partial class ReplyAnswers(Replies replies, ILogger<ReplyAnswers> logger)
{
    public async Task WriteAsync(HttpContext context, Route route, ReadOnlyMemory<byte> body, Caller caller)
    {
        string name = route.Definition.Name;
        if (!route.Definition.Enabled)
            throw new RequestRefusedException(Later("route_disabled", $"The route {name} is disabled.", TimeSpan.FromSeconds(60)));
        byte[] request = RequestOf(body, caller);
        if (JsonFault.Find(request) is { } fault)
            throw Refused(StatusCodes.Status422UnprocessableEntity, "unreadable", $"No statement can read this request. {fault}");
        switch (await replies.AskAsync(route, request, context.RequestAborted))
        {
            case ReplyOutcome.Answer(string json):
                context.Response.ContentType = "application/json; charset=utf-8";
                await context.Response.WriteAsync(json, context.RequestAborted);
                break;
            case ReplyOutcome.NoRow:
                throw Refused(StatusCodes.Status404NotFound, "no_row", $"The route {name} has no row for this request.");
            case ReplyOutcome.Refused(string why):
                throw Refused(StatusCodes.Status422UnprocessableEntity, "reply_failed", $"The route {name} cannot answer this request: {why}");
            case ReplyOutcome.TooSlow:
                throw Refused(StatusCodes.Status504GatewayTimeout, "too_slow", $"The route {name} did not answer within {route.Definition.Timeout.TotalSeconds} s.");
            case ReplyOutcome.Busy:
                throw new RequestRefusedException(Later("busy", "More requests wait for an answer than may wait.", TimeSpan.FromSeconds(1)));
            case ReplyOutcome.Unfit(string why):
                LogUnfit(name, why);
                throw Refused(StatusCodes.Status500InternalServerError, "route_unfit", $"The route {name} cannot answer anything as it is. See the bridge's log or `bridge routes check`.");
            default:
                throw new RequestRefusedException(IntakeRefusals.Of(new IntakeAnswer.DatabaseAway()));
        }
    }

    // The whole request and who sent it. The last of two members by one name counts, so nobody is who he says he is.
    private static byte[] RequestOf(ReadOnlyMemory<byte> body, Caller caller)
    {
        string json = Encoding.UTF8.GetString(CalloutBody.WithoutMark(body).Span).Trim();
        string who = JsonSerializer.Serialize(new CallerMember(caller.Name, caller.By), CalloutJson.Default.CallerMember);
        string members = json[0] == '{' ? json[1..^1].Trim() : $"\"records\":{json}";
        return Encoding.UTF8.GetBytes($"{{{members}{(members.Length == 0 ? "" : ",")}\"_caller\":{who}}}");
    }

    private static RequestRefusedException Refused(int status, string error, string message) => new(status, error, message);

    private static RequestRefusal Later(string error, string message, TimeSpan after) =>
        new(StatusCodes.Status503ServiceUnavailable, error, $"{message} Send it again later.") { RetryAfter = after };

    [LoggerMessage(Level = LogLevel.Error, Message = "The route {Route} cannot answer: {Why}")]
    private partial void LogUnfit(string route, string why);
}

/// <summary>What a reply's message says of its caller.</summary>
internal sealed record CallerMember(string Name, string By);
