using System.Collections.Concurrent;
using System.Text.Json;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Http.Callouts;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.OpenApi;

/// <summary><c>GET /openapi.json</c>: what the callouts take and answer, told to whoever may call them.</summary>
internal sealed partial class OpenApiEndpoint(CallerProof proof, CalloutNames names, Replies replies, ILogger<OpenApiEndpoint> logger)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly ConcurrentDictionary<string, string> _leftOut = new();

    public async Task AnswerAsync(HttpContext context)
    {
        CancellationToken ct = context.RequestAborted;
        try
        {
            await AdmitAsync(context, ct);
            string document = OpenApiDocument.Of(ServerOf(context.Request), await CalloutsAsync(ct)).ToJsonString(Indented);
            context.Response.Headers.CacheControl = "no-store";
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(document, ct);
        }
        catch (RequestRefusedException refused)
        {
            await refused.Refusal.WriteAsync(context.Response, ct);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && ct.IsCancellationRequested)
        {
            // The caller left, and nobody is there to be answered.
        }
    }

    // Who signs signs an empty body: nothing else that may come with the request counts.
    private async Task AdmitAsync(HttpContext context, CancellationToken ct) =>
        proof.CallerOf(await proof.AskOrgAsync(proof.Examine(context), ct), []);

    // Behind the router the scheme is the one that the caller used.
    private static string ServerOf(HttpRequest request) => request.Host.HasValue ? $"{request.Scheme}://{request.Host}" : "/";

    private async Task<IReadOnlyList<DocumentedCallout>> CalloutsAsync(CancellationToken ct)
    {
        List<DocumentedCallout> callouts = [];
        foreach ((string name, Callout callout) in names.All.Where(callout => callout.Value.Takes is not null))
        {
            if (callout.Reply is not { Handler: null } reply)
                callouts.Add(new DocumentedCallout(name, callout, Columns: null));
            else if (await ColumnsAsync(reply.Definition, ct) is { } columns)
                callouts.Add(new DocumentedCallout(name, callout, columns));
        }

        return callouts;
    }

    // Null where the route can answer nothing as it is.
    private async Task<IReadOnlyList<RouteColumn>?> ColumnsAsync(RouteDefinition route, CancellationToken ct)
    {
        switch (await replies.DescribeAsync(route, ct))
        {
            case ReplyOutcome.Described described:
                return described.Columns;
            case ReplyOutcome.Unfit(string why):
                if (_leftOut.TryAdd(route.Name, why))
                    LogLeftOut(route.Name, why);
                return null;
            case ReplyOutcome.Busy:
                throw Later("busy", "More requests wait for the database than may wait. Ask again in a second.", TimeSpan.FromSeconds(1));
            default:
                throw Later("database_away", "The database cannot say now what the replies have. Ask again later.", TimeSpan.FromSeconds(5));
        }
    }

    private static RequestRefusedException Later(string error, string message, TimeSpan after) =>
        new(new RequestRefusal(StatusCodes.Status503ServiceUnavailable, error, message) { RetryAfter = after });

    [LoggerMessage(Level = LogLevel.Warning, Message = "The route {Route} cannot answer, so /openapi.json leaves its callout out: {Why}")]
    private partial void LogLeftOut(string route, string why);
}
