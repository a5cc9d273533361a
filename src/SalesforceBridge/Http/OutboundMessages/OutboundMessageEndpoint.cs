using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>
/// <c>POST /outbound-messages/{token}</c>: an org's outbound message becomes messages in the inbox, all or none, and the org is told so after
/// the commit.
/// </summary>
internal sealed partial class OutboundMessageEndpoint(
    OutboundMessageSenders senders, OutboundMessageBodies bodies, RouteSet routes, Intake intake, BridgeSettings settings, ILogger<OutboundMessageEndpoint> logger)
{
    /// <summary>The path, to be followed by the token.</summary>
    public const string Path = "/outbound-messages/";

    private readonly OutboundMessageTokens _tokens = new(settings.Callouts.Secrets.Select(secret => secret.Value));
    private readonly HashSet<string> _heard = [.. routes.Routes.Select(route => route.Definition.Source.ToString())];
    private readonly ConcurrentDictionary<string, bool> _unheard = new();
    private bool _strangerIsKnown;

    public async Task AnswerAsync(HttpContext context)
    {
        CancellationToken ct = context.RequestAborted;
        try
        {
            string token = context.Request.RouteValues["token"] as string ?? "";
            SoapReply reply = _tokens.Accept(token) ? await AnswerOrgAsync(context, ct) : RefuseStranger();
            await reply.WriteAsync(context.Response, ct);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && ct.IsCancellationRequested)
        {
            // The org hung up; it sends the message again.
        }
    }

    private async Task<SoapReply> AnswerOrgAsync(HttpContext context, CancellationToken ct)
    {
        _strangerIsKnown = false;
        SoapReply reply = await TakeAsync(context, ct);
        if (reply != SoapReply.Taken)
            OutboundMessageRefused(reply.Status, reply.What);
        return reply;
    }

    private async Task<SoapReply> TakeAsync(HttpContext context, CancellationToken ct)
    {
        if (senders.RefusalOf(context.Connection.RemoteIpAddress) is { } stranger)
            return stranger;
        if (FaultOfForm(context.Request) is { } wrong)
            return SoapReply.Refused(StatusCodes.Status415UnsupportedMediaType, wrong);
        try
        {
            return await StoreAsync(await bodies.ReadAsync(context.Request, ct), ct);
        }
        catch (OutboundMessageRefusedException refused)
        {
            return refused.Reply;
        }
    }

    private async Task<SoapReply> StoreAsync(IReadOnlyList<OutboundMessageNotification> notifications, CancellationToken ct)
    {
        OutboundMessageHeader header = notifications[0].Header;
        if (senders.RefusalOf(header) is { } refusal)
            return refusal;

        string source = NotificationMessages.SourceOf(notifications[0]);
        IntakeAnswer answer = await intake.AcceptAsync(new IntakeRequest([.. notifications.Select(NotificationMessages.Of)]), ct);
        if (answer is not (IntakeAnswer.Stored or IntakeAnswer.AlreadyStored))
            return ReplyTo(answer);

        OutboundMessageTaken(notifications.Count, source, header.OrganizationId);
        if (!_heard.Contains(source) && _unheard.TryAdd(source, true))
            SourceUnheard(source);
        return SoapReply.Taken;
    }

    // What was not tried may come again soon; what was tried and failed is for the org's own schedule.
    private static SoapReply ReplyTo(IntakeAnswer answer) => IntakeRefusals.Of(answer) switch
    {
        { RetryAfter: { } after } refusal when answer is IntakeAnswer.Busy or IntakeAnswer.StorageFull => SoapReply.Unavailable(refusal.Message, after),
        _ => SoapReply.NotTaken,
    };

    // A probe that goes on and on gets one line in the log, not one for each try.
    private SoapReply RefuseStranger()
    {
        if (!Interlocked.Exchange(ref _strangerIsKnown, true))
            StrangerRefused();
        return SoapReply.Refused(StatusCodes.Status403Forbidden, "This address is not known here; `bridge doctor` prints the one to use.");
    }

    private static string? FaultOfForm(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !type.MediaType.Equals("text/xml", StringComparison.OrdinalIgnoreCase))
            return "The content type is not text/xml, which SOAP 1.1 has.";
        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return "The charset is not utf-8.";
        return request.Headers.ContentEncoding.Count > 0 ? "The body is compressed; send it as it is." : null;
    }

    [LoggerMessage(LogLevel.Debug, "Took {Count} notifications of `{Source}` from org {Org}.")]
    private partial void OutboundMessageTaken(int count, string source, string org);

    [LoggerMessage(LogLevel.Warning, "No route listens to `{Source}`. Its messages are stored and acknowledged; a route with `from: earliest` can still read them.")]
    private partial void SourceUnheard(string source);

    [LoggerMessage(LogLevel.Warning, "An outbound message was refused ({Status}): {Why}")]
    private partial void OutboundMessageRefused(int status, string why);

    [LoggerMessage(LogLevel.Warning, "Somebody sent to an address that belongs to none of BRIDGE_CALLOUT_SECRETS; more of the same are not told. If it was an org, give it the address that `bridge doctor` prints.")]
    private partial void StrangerRefused();
}
