namespace SalesforceBridge.Simulator.Streaming;

/// <summary>Every refusal of the streaming API, in its exact words.</summary>
internal static class BayeuxFailures
{
    public const string ServerBusyReason = "503::Server is too busy.  Please try your request again later.";
    public const string TooManyClientsReason = "403::Organization concurrent user limit exceeded";
    private const string AuthenticationInvalid = "401::Authentication invalid";

    public static BayeuxReply Denied(this BayeuxReply reply, string reason) =>
        reply with { Error = "403::Handshake denied", FailureReason = reason, Advice = Advice.None };

    public static BayeuxReply NotAuthenticated(this BayeuxReply reply) => reply.IsHandshake
        ? reply.Denied(AuthenticationInvalid)
        : reply with { Error = AuthenticationInvalid, Advice = Advice.None };

    // The error misleads: only the failure reason tells that waiting is enough.
    public static BayeuxReply Busy(this BayeuxReply reply) =>
        (reply.IsHandshake ? reply.Denied(ServerBusyReason) : reply with { Error = AuthenticationInvalid, Advice = Advice.None })
        with
        { FailureReason = ServerBusyReason };

    public static BayeuxReply UnknownClient(this BayeuxReply reply) =>
        reply with { Error = "403::Unknown client", Advice = Advice.Handshake };

    public static BayeuxReply NoCookie(this BayeuxReply reply, string clientId) => reply with
    {
        Error = $"400::Client {clientId} has established a session, but no {CometdEndpoint.BrowserCookie} cookie present",
        Advice = Advice.Handshake,
    };

    public static BayeuxReply OtherUser(this BayeuxReply reply) =>
        reply with { Error = "400::Authenticated user id does not match the session's user id", Advice = Advice.Handshake };

    public static BayeuxReply UnsupportedVersion(this BayeuxReply reply) =>
        reply with { Error = "400::Unsupported API version. Only API versions '37.0' and above are supported.", Advice = Advice.None };

    public static BayeuxReply InvalidConnectionType(this BayeuxReply reply) =>
        reply with { Error = "400::Invalid connection type", Advice = Advice.None };

    public static BayeuxReply UnknownMessage(this BayeuxReply reply) =>
        reply with { Error = $"403::Cannot create channel {{{reply.Channel}}}" };

    public static BayeuxReply NoSuchChannel(this BayeuxReply reply, string channel) => reply with
    {
        Error = channel switch
        {
            "" => "400::Channel name not specified",
            _ when channel.StartsWith("/u/", StringComparison.Ordinal) => "404::Unknown channel",
            _ when IsStreamed(channel) => $"400::The channel you requested to subscribe to doesn't exist {{{channel}}}",
            _ => $"403::Cannot create channel {{{channel}}}",
        },
    };

    public static BayeuxReply NoSuchFields(this BayeuxReply reply, IEnumerable<string> fields) =>
        reply with { Error = $"400::Query fields {{{string.Join(", ", fields)}}} do not exist" };

    public static BayeuxReply InvalidReplayId(this BayeuxReply reply, long replayId) => reply with
    {
        Error = $"400::The replayId {{{replayId}}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.",
    };

    public static BayeuxReply NoReplayId(this BayeuxReply reply, string channel, string map) => reply with
    {
        Error = $"400::The replayId for channel {{{channel}}} wasn't found using the provided replay ID map {{{map}}}. " +
            "Ensure that the channel name you provided in the replay map is valid and matches the channel name used in the subscription.",
    };

    private static bool IsStreamed(string channel) =>
        channel.StartsWith("/event/", StringComparison.Ordinal) || channel.StartsWith("/data/", StringComparison.Ordinal) || channel.StartsWith("/topic/", StringComparison.Ordinal);
}
