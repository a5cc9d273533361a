using System.Globalization;
using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Identity;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary><c>/cometd/{version}</c>: Bayeux over long polling, as the org speaks it.</summary>
internal sealed class CometdEndpoint(Org org)
{
    public const string BrowserCookie = "BAYEUX_BROWSER";
    private const string RoutingCookie = "sfdc-stream";
    private const int MaxRequestBytes = 32_768;

    private readonly MetaChannels _meta = new(org);

    public void Map(IEndpointRouteBuilder routes)
    {
        // Vanilla clients append the type of a message that is alone to the URL.
        routes.MapPost("/cometd/{version}/{type?}", PostAsync);
        routes.MapPost("/cometd", () => JsonReply.Error(400, new ApiError("400", "API version in the URI is mandatory. URI format: '/cometd/62.0'")));
        routes.MapGet("/cometd/{version}/{type?}", () => Results.Text("WebSocket is not supported", statusCode: 400));
    }

    private async Task PostAsync(HttpContext context, string version, CancellationToken ct)
    {
        if (await ReadAsync(context.Request, ct) is not { } body)
        {
            await Results.Text("413::Maximum Request Size Exceeded", statusCode: 413).ExecuteAsync(context);
            return;
        }
        if (Parse(body) is not { Count: > 0 } messages)
        {
            await Results.Text("400::Invalid JSON", statusCode: 400).ExecuteAsync(context);
            return;
        }
        if (await Door.PassAsync(org, FaultTarget.Streaming, messages[0].Kind, ct) is { } outage)
        {
            await outage.ExecuteAsync(context);
            return;
        }
        int number = decimal.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal parsed) ? (int)parsed : 0;
        var sender = new Sender(Bearer.Read(context.Request), context.Request.Cookies[BrowserCookie], number, context.Connection.LocalPort);
        CometdAnswer answer = await AnswerAsync(messages, sender, ct);
        foreach (BayeuxMessage message in messages)
            org.Ledger.Record(new ReceivedCall(org.Ledger.NextCall(), message.Kind, org.Tokens.FindUnrevoked(sender.Token)?.User.Username, 200));
        org.Changed.Ring();
        await SendAsync(context, answer, ct);
    }

    private async Task<CometdAnswer> AnswerAsync(IReadOnlyList<BayeuxMessage> messages, Sender sender, CancellationToken ct)
    {
        if (messages is [{ Kind: ApiCallKind.Connect } poll])
            return await ConnectAsync(poll, sender, hold: true, ct);
        // A batch is answered at once, its poll too.
        var answer = new CometdAnswer(sender.Version, [], []);
        foreach (BayeuxMessage message in messages)
        {
            CometdAnswer next = message.Kind is ApiCallKind.Connect
                ? await ConnectAsync(message, sender, hold: false, ct)
                : AnswerOne(message, sender);
            answer = next with
            {
                Events = [.. answer.Events, .. next.Events],
                Replies = [.. answer.Replies, .. next.Replies],
                Opened = next.Opened ?? answer.Opened,
            };
        }
        return answer;
    }

    private CometdAnswer AnswerOne(BayeuxMessage message, Sender sender)
    {
        if (message.Kind is ApiCallKind.Handshake)
        {
            (BayeuxReply handshake, BayeuxSession? opened) = _meta.Handshake(message, sender);
            return new CometdAnswer(sender.Version, [], [handshake]) { Opened = opened };
        }
        (BayeuxSession? session, BayeuxReply reply) = _meta.Admit(message, sender);
        if (session is not null)
        {
            reply = message.Kind switch
            {
                ApiCallKind.Subscribe => _meta.Subscribe(session, message, reply),
                ApiCallKind.Unsubscribe => MetaChannels.Unsubscribe(session, message, reply),
                ApiCallKind.Disconnect => _meta.Disconnect(session, reply),
                _ => reply.UnknownMessage(),
            };
        }
        return new CometdAnswer(sender.Version, [], [reply]);
    }

    private async Task<CometdAnswer> ConnectAsync(BayeuxMessage message, Sender sender, bool hold, CancellationToken ct)
    {
        (BayeuxSession? session, BayeuxReply reply) = _meta.Admit(message, sender);
        if (session is null)
            return new CometdAnswer(sender.Version, [], [reply]);
        if (!MetaChannels.IsPoll(message))
            return new CometdAnswer(sender.Version, [], [reply.InvalidConnectionType()]);
        TaskCompletionSource poll = session.BeginPoll();
        org.Changed.Ring();
        try
        {
            TimeSpan wanted = hold ? message.Timeout ?? org.Options.PollTimeout : TimeSpan.Zero;
            TimeSpan limit = wanted < org.Options.PollTimeout ? wanted : org.Options.PollTimeout;
            return await HoldAsync(session, sender, reply, limit, poll.Task, ct);
        }
        finally
        {
            session.EndPoll(poll, org.Now);
        }
    }

    // Ends with events, a failure, or nothing when the time is up.
    private async Task<CometdAnswer> HoldAsync(
        BayeuxSession session, Sender sender, BayeuxReply reply, TimeSpan limit, Task superseded, CancellationToken ct)
    {
        DateTimeOffset until = org.Now + limit;
        while (true)
        {
            Task changed = org.Changed.Next;
            if (superseded.IsCompleted)
                return new CometdAnswer(sender.Version, [], []) { Superseded = true };
            if (_meta.Interruption(session, sender, reply) is { } failure)
                return new CometdAnswer(sender.Version, [], [failure]);
            if (org.Faults.Strike<Fault.Disconnected>() is not null)
            {
                org.Sessions.End(session);
                return new CometdAnswer(sender.Version, [], [reply with { Advice = Advice.None }]) { DisconnectedClient = session.ClientId };
            }
            IReadOnlyList<OutgoingEvent> events = session.Take(org.Bus, org.Options.MaxEventsPerPoll);
            TimeSpan left = until - org.Now;
            if (events.Count > 0 || left <= TimeSpan.Zero)
            {
                Advice? advice = session.NeedsAdvice() ? new Advice("retry", org.Options.PollTimeout) : null;
                return new CometdAnswer(sender.Version, events, [reply with { Advice = advice }]);
            }
            Task happened = Task.WhenAny(changed, superseded);
            await happened.WaitAsync(left, org.Options.TimeProvider, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task SendAsync(HttpContext context, CometdAnswer answer, CancellationToken ct)
    {
        if (answer.Superseded)
        {
            context.Response.StatusCode = StatusCodes.Status408RequestTimeout;
            return;
        }
        if (answer.Opened is { } session)
        {
            context.Response.Cookies.Append(BrowserCookie, session.Browser, new CookieOptions { HttpOnly = true, Path = "/" });
            context.Response.Cookies.Append(RoutingCookie, "!" + session.ClientId, new CookieOptions { Path = "/" });
        }
        context.Response.ContentType = "application/json;charset=UTF-8";
        if (answer.Events.Count > 0 && org.Faults.Strike<Fault.CutPollReply>() is not null)
        {
            await PollWriter.WriteHalfAsync(context.Response.BodyWriter, answer, ct);
            context.Abort();
            return;
        }
        await PollWriter.WriteAsync(context.Response.BodyWriter, answer, ct);
    }

    // Nothing: it is too long.
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        byte[] buffer = new byte[MaxRequestBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        // A bare null here would become an empty memory.
        return length > MaxRequestBytes ? (ReadOnlyMemory<byte>?)null : buffer.AsMemory(0, length);
    }

    // One message may come without its array.
    private static List<BayeuxMessage> Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind is JsonValueKind.Array ? [.. root.EnumerateArray().Select(each => new BayeuxMessage(each))] : [new BayeuxMessage(root)];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
