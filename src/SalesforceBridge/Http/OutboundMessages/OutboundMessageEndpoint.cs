using System.Collections.Concurrent;
using Microsoft.AspNetCore.Mvc;
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
internal sealed partial class OutboundMessageEndpoint(Intake intake, BridgeSettings settings, RouteSet routes, ILogger<OutboundMessageEndpoint> logger)
{
    /// <summary>The path, to be followed by the token.</summary>
    public const string Path = "/outbound-messages/";

    private readonly OutboundMessageTokens _tokens = new(settings.CalloutSecrets);
    private readonly HashSet<string> _heard = [.. routes.Routes.Select(route => route.Definition.Source.ToString())];
    private readonly ConcurrentDictionary<string, bool> _unheard = new();
    private bool _strangerIsKnown;

    public static void Map(IEndpointRouteBuilder endpoints, BridgeSettings settings) => endpoints
        .MapPost($"{Path}{{token?}}", context => context.RequestServices.GetRequiredService<OutboundMessageEndpoint>().HandleAsync(context))
        .WithMetadata(new RequestSizeLimitAttribute(settings.LargestOutboundMessage));

    private async Task HandleAsync(HttpContext context)
    {
        CancellationToken ct = context.RequestAborted;
        try
        {
            SoapReply reply = await AnswerAsync(context.Request, ct);
            await reply.WriteAsync(context.Response, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            SenderGone();
        }
    }

    private async Task<SoapReply> AnswerAsync(HttpRequest request, CancellationToken ct)
    {
        if (!_tokens.Accept(request.RouteValues["token"] as string ?? ""))
            return RefuseStranger();
        _strangerIsKnown = false;
        SoapReply reply = await TakeAsync(request, ct);
        if (reply != SoapReply.Taken)
            OutboundMessageRefused(reply.Status, reply.What);
        return reply;
    }

    private async Task<SoapReply> TakeAsync(HttpRequest request, CancellationToken ct)
    {
        if (FormFaultOf(request) is { } wrong)
            return SoapReply.Refused(StatusCodes.Status415UnsupportedMediaType, wrong);
        try
        {
            List<OutboundMessageNotification> notifications = [];
            await foreach (OutboundMessageNotification notification in OutboundMessageReader.ReadAsync(request.Body, settings.LargestOutboundMessage, ct))
                notifications.Add(notification);
            return await StoreAsync(notifications, ct);
        }
        catch (EnvelopeException envelope)
        {
            return SoapReply.Faulty(envelope.Fault);
        }
        catch (BadHttpRequestException body) when (body.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return SoapReply.Faulty(new EnvelopeFault.TooLong(settings.LargestOutboundMessage));
        }
        catch (IOException body)
        {
            return SoapReply.Refused(
                (body as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest, "The body did not arrive whole; send it again.");
        }
    }

    private async Task<SoapReply> StoreAsync(List<OutboundMessageNotification> notifications, CancellationToken ct)
    {
        OutboundMessageHeader header = notifications[0].Header;
        if (settings.OutboundMessageOrgs is { Count: > 0 } orgs && !orgs.Any(header.IsFrom))
            return SoapReply.Refused(StatusCodes.Status403Forbidden, $"Messages of org {header.OrganizationId} are not taken; {ConfigVar.OutboundMessageOrgs} names others.");

        string source = NotificationMessages.SourceOf(notifications[0]);
        IntakeAnswer answer = await intake.AcceptAsync(new IntakeRequest([.. notifications.Select(NotificationMessages.Of)]), ct);
        if (answer is IntakeAnswer.Stored or IntakeAnswer.AlreadyStored)
        {
            OutboundMessageTaken(notifications.Count, source, header.OrganizationId);
            if (!_heard.Contains(source) && _unheard.TryAdd(source, true))
                SourceUnheard(source);
        }

        return ReplyTo(answer);
    }

    private static SoapReply ReplyTo(IntakeAnswer answer) => answer switch
    {
        IntakeAnswer.Stored or IntakeAnswer.AlreadyStored => SoapReply.Taken,
        IntakeAnswer.Busy => SoapReply.Unavailable("More waits to be stored than may wait; send it again."),
        IntakeAnswer.StorageFull => SoapReply.Unavailable("The bridge's storage is full; see BRIDGE_STORAGE."),
        _ => SoapReply.NotTaken,
    };

    // A probe that goes on and on gets one line in the log, not one for each try.
    private SoapReply RefuseStranger()
    {
        if (!Interlocked.Exchange(ref _strangerIsKnown, true))
            StrangerRefused();
        return SoapReply.Refused(StatusCodes.Status403Forbidden, "This address is not known here; `bridge doctor` prints the one to use.");
    }

    private static string? FormFaultOf(HttpRequest request)
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

    [LoggerMessage(LogLevel.Warning, "An outbound message came to an address that belongs to none of BRIDGE_CALLOUT_SECRETS and was refused; more of the same are not logged. If it was an org's, give it the address that `bridge doctor` prints.")]
    private partial void StrangerRefused();

    [LoggerMessage(LogLevel.Debug, "The sender of an outbound message went away; it sends it again.")]
    private partial void SenderGone();
}
