using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>Who sends a message: what of the request matters to the protocol.</summary>
/// <param name="Token">From the Authorization header.</param>
/// <param name="Browser">The BAYEUX_BROWSER cookie.</param>
/// <param name="Version">Of the API, from the URL.</param>
/// <param name="Port">Where the request arrived.</param>
internal sealed record Sender(string? Token, string? Browser, int Version, int Port);

/// <summary>Answers meta messages; only the waiting of a poll is elsewhere.</summary>
internal sealed class MetaChannels(Org org)
{
    private const int OldestVersion = 37;
    private const string LongPolling = "long-polling";
    private const long Tip = -1;
    private const long Earliest = -2;

    public (BayeuxReply Reply, BayeuxSession? Opened) Handshake(BayeuxMessage message, Sender sender)
    {
        var reply = new BayeuxReply(message.Channel, message.Id);
        if (sender.Version < OldestVersion)
            return (reply.UnsupportedVersion(), null);
        if (!message.ConnectionTypes.Contains(LongPolling))
            return (reply.InvalidConnectionType(), null);
        if (!IsInstance(sender) || org.Tokens.Find(sender.Token) is not { } token)
            return (reply.NotAuthenticated(), null);
        if (org.Faults.Strike<Fault.ServerBusy>(fault => fault.On is ApiCallKind.Handshake) is not null)
            return (reply.Busy(), null);
        if (org.Faults.Strike<Fault.HandshakeDenied>() is { } denied)
            return (reply.Denied(denied.Reason), null);
        return org.Sessions.Open(token.User, sender.Browser) is { } session
            ? (reply with { ClientId = session.ClientId }, session)
            : (reply.Denied(BayeuxFailures.TooManyClientsReason), null);
    }

    /// <summary>The session a message belongs to, or the reply that it belongs to none.</summary>
    public (BayeuxSession? Session, BayeuxReply Reply) Admit(BayeuxMessage message, Sender sender)
    {
        var reply = new BayeuxReply(message.Channel, message.Id) { ClientId = message.ClientId, Subscription = message.Subscription };
        if (!IsInstance(sender) || org.Tokens.FindUnrevoked(sender.Token) is not { } token)
            return (null, reply.NotAuthenticated());
        if (org.Sessions.Find(message.ClientId) is not { } session)
            return (null, reply.UnknownClient());
        if (sender.Browser is null)
            return (null, reply.NoCookie(session.ClientId));
        if (sender.Browser != session.Browser)
            return (null, reply.UnknownClient());
        return token.User == session.User ? (session, reply) : (null, reply.OtherUser());
    }

    /// <summary>What ends a poll with a failure, whether it just came or is being held.</summary>
    public BayeuxReply? Interruption(BayeuxSession session, Sender sender, BayeuxReply reply)
    {
        if (org.Faults.Strike<Fault.ExpiredToken>(fault => fault.On is null or FaultTarget.Streaming) is not null)
            org.Tokens.Revoke(sender.Token!);
        if (!IsInstance(sender) || org.Tokens.FindUnrevoked(sender.Token) is null)
            return reply.NotAuthenticated();
        if (org.Faults.Strike<Fault.ServerBusy>(fault => fault.On is ApiCallKind.Connect) is not null)
            return reply.Busy();
        if (org.Faults.Strike<Fault.ForgottenClient>() is not null)
            org.Sessions.End(session);
        return org.Sessions.Find(session.ClientId) is null ? reply.UnknownClient() : null;
    }

    public BayeuxReply Subscribe(BayeuxSession session, BayeuxMessage message, BayeuxReply reply)
    {
        string name = message.Subscription ?? "";
        if (org.Faults.Strike<Fault.ServerBusy>(fault => fault.On is ApiCallKind.Subscribe) is not null)
            return reply.Busy();
        (string bare, TopicFilter? filter) = TopicFilter.Split(name);
        if (org.Bus.Find(bare) is not { } found)
            return reply.NoSuchChannel(name);
        string[] unknown = [.. UnknownFields(bare, filter)];
        if (unknown.Length > 0)
            return reply.NoSuchFields(unknown);
        EventChannel channel = found with { Name = name, Filter = filter };
        if (message.ReplayMap is not { } map)
            return Begin(session, channel, Tip, reply);
        return BayeuxMessage.ReplayId(map, bare) is { } replayId
            ? Begin(session, channel, replayId, reply)
            : reply.NoReplayId(bare, map.GetRawText());
    }

    private IEnumerable<string> UnknownFields(string channel, TopicFilter? filter) => filter is null
        ? []
        : org.Read(_ => org.Channels.Topics.Values.FirstOrDefault(topic => "/topic/" + topic.Name == channel)) is { } topic ? filter.UnknownTo(topic) : [];

    private BayeuxReply Begin(BayeuxSession session, EventChannel channel, long replayId, BayeuxReply reply)
    {
        bool stored = replayId is not (Tip or Earliest);
        bool struck = stored && org.Faults.Strike<Fault.InvalidReplayId>(fault => fault.Channel is null || fault.Channel == channel.Name) is not null;
        if (stored && (struck || !org.Bus.Keeps(channel, replayId)))
            return reply.InvalidReplayId(replayId);
        session.Subscribe(channel, replayId switch
        {
            Tip => org.Bus.Tip,
            Earliest => 0,
            _ => replayId,
        });
        return reply;
    }

    public static BayeuxReply Unsubscribe(BayeuxSession session, BayeuxMessage message, BayeuxReply reply) =>
        session.Unsubscribe(message.Subscription ?? "") ? reply : reply.NoSuchChannel(message.Subscription ?? "");

    public BayeuxReply Disconnect(BayeuxSession session, BayeuxReply reply)
    {
        org.Sessions.End(session);
        return reply;
    }

    public static bool IsPoll(BayeuxMessage message) => message.ConnectionType is null or LongPolling;

    private bool IsInstance(Sender sender) => org.Address.IsInstance(sender.Port);
}
