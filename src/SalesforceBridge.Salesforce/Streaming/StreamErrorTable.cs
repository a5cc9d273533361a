using System.Text.Json;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>What to do about an error.</summary>
internal enum StreamRemedy
{
    /// <summary>A new session with the same token.</summary>
    Handshake,

    /// <summary>A new session with a new token.</summary>
    RenewToken,

    /// <summary>A new session after a while; a refused channel alone waits alone.</summary>
    Wait,

    /// <summary>Go on without the channel, and try it again after a while.</summary>
    LeaveChannel,

    /// <summary>Subscribe from where the policy says.</summary>
    FollowReplayPolicy,

    /// <summary>Give up.</summary>
    Stop,
}

/// <summary>One row: an error, how the org words it, and what to do.</summary>
/// <param name="Error">The error.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Delay">The least to wait, if the remedy waits.</param>
/// <param name="Texts">Any of these in the org's words means this row.</param>
internal sealed record StreamErrorRow(StreamError Error, StreamRemedy Remedy, Func<StreamDelays, TimeSpan> Delay, params string[] Texts);

/// <summary>Every error of Salesforce's streaming API, and what to do about it. Sources: Streaming API Error Codes, Handling Streaming API
/// Errors, Message Durability (developer.salesforce.com), and what trackers of other clients report.</summary>
internal static class StreamErrorTable
{
    private static readonly StreamErrorRow[] Rows =
    [
        new(StreamError.ServerBusy, StreamRemedy.Wait, d => d.ServerBusy, "503::", "Server is too busy"),
        new(StreamError.AuthenticationInvalid, StreamRemedy.RenewToken, NoDelay, "401::"),
        new(StreamError.HandshakeMissing, StreamRemedy.Handshake, NoDelay, "Client has not completed handshake"),
        new(StreamError.SessionUnknown, StreamRemedy.Handshake, NoDelay, "Unknown client", "402::"),
        new(StreamError.ClientLimitExceeded, StreamRemedy.Wait, d => d.TooManyClients, "Organization concurrent user limit exceeded"),
        new(StreamError.TooManyRequests, StreamRemedy.Wait, d => d.TooManyClients, "To protect all customers from excessive use"),
        new(StreamError.DailyEventLimitExceeded, StreamRemedy.Wait, d => d.DailyLimit, "total events daily limit exceeded"),
        new(StreamError.ReplayIdInvalid, StreamRemedy.FollowReplayPolicy, d => d.RefusedChannel, "you provided was invalid"),
        new(StreamError.ReplayIdMissing, StreamRemedy.LeaveChannel, d => d.RefusedChannel,
            "wasn't found using the provided replay ID map", "Replay Id not found for channel"),
        new(StreamError.CookieMissing, StreamRemedy.Handshake, NoDelay, "has established a session, but no"),
        new(StreamError.UserChanged, StreamRemedy.Handshake, NoDelay, "Authenticated user id does not match"),
        new(StreamError.SubscriberLimitExceeded, StreamRemedy.LeaveChannel, d => d.RefusedChannel, "Subscription limit exceeded"),
        new(StreamError.UserNotAllowed, StreamRemedy.LeaveChannel, d => d.RefusedChannel,
            "Restricted channel", "User not enabled for streaming", "User not allowed to subscribe", "does not have access to the entity",
            "No access on channel"),
        new(StreamError.ChannelUnknown, StreamRemedy.LeaveChannel, d => d.RefusedChannel,
            "The channel you requested to subscribe to doesn't exist", "Channel name not specified", "Query fields", "Unknown channel",
            "channel names may not vary only by case"),
        new(StreamError.ChannelDenied, StreamRemedy.LeaveChannel, d => d.RefusedChannel,
            "Cannot create channel", "create_denied", "subscribe_denied"),
        new(StreamError.Misconfigured, StreamRemedy.Stop, NoDelay,
            "API version in the URI is mandatory", "Unsupported API version", "Invalid connection type"),
        new(StreamError.RequestTooLarge, StreamRemedy.LeaveChannel, d => d.RefusedChannel, "Maximum Request Size Exceeded"),
    ];

    private static readonly StreamErrorRow Unrecognized = new(StreamError.Unrecognized, StreamRemedy.LeaveChannel, d => d.RefusedChannel);
    private static readonly StreamErrorRow HttpFailed = new(StreamError.HttpFailed, StreamRemedy.Wait, NoDelay);
    private static readonly StreamErrorRow ReplyLost = new(StreamError.ReplyLost, StreamRemedy.Wait, NoDelay);
    private static readonly StreamErrorRow SessionEnded = new(StreamError.SessionEnded, StreamRemedy.Handshake, NoDelay);
    private static readonly StreamErrorRow ConsumerSlow = new(StreamError.ConsumerSlow, StreamRemedy.Handshake, NoDelay);
    private static readonly StreamErrorRow ChannelsChanged = new(StreamError.ChannelsChanged, StreamRemedy.Handshake, NoDelay);
    private static readonly StreamErrorRow PositionUnavailable = new(StreamError.PositionUnavailable, StreamRemedy.Wait, NoDelay);
    private static readonly StreamErrorRow TokenUnavailable = new(StreamError.TokenUnavailable, StreamRemedy.Wait, NoDelay);
    private static readonly StreamErrorRow TokenRefused = new(StreamError.TokenUnavailable, StreamRemedy.Wait, d => d.TokenRefused);

    /// <summary>The row that a failure belongs to.</summary>
    public static StreamErrorRow Find(BayeuxFailure failure) => failure switch
    {
        BayeuxFailure.Refused refused => Find(FailureReason(refused.Ext)) ?? Find(refused.Error) ?? Unrecognized,
        BayeuxFailure.HttpStatus { Status: 401 } => Row(StreamError.AuthenticationInvalid),
        BayeuxFailure.HttpStatus { Status: 413 } => Row(StreamError.RequestTooLarge),
        BayeuxFailure.HttpStatus => HttpFailed,
        BayeuxFailure.Disconnected => SessionEnded,
        BayeuxFailure.SlowConsumer => ConsumerSlow,
        BayeuxFailure.Renewed => ChannelsChanged,
        BayeuxFailure.DialectFailed { Exception: OAuthException { IsFatal: true } } => TokenRefused,
        BayeuxFailure.DialectFailed { Exception: OAuthException } => TokenUnavailable,
        BayeuxFailure.DialectFailed => PositionUnavailable,
        _ => ReplyLost,
    };

    /// <summary>The failure in the org's words, the reason before the error.</summary>
    public static string Text(BayeuxFailure failure) => failure switch
    {
        BayeuxFailure.Refused refused when FailureReason(refused.Ext) is { } reason => $"{refused.Text} ({reason})",
        _ => failure.Text,
    };

    private static StreamErrorRow? Find(string? text) => text is null
        ? null
        : Array.Find(Rows, row => Array.Exists(row.Texts, known => text.Contains(known, StringComparison.OrdinalIgnoreCase)));

    private static StreamErrorRow Row(StreamError error) => Rows.First(row => row.Error == error);

    // It names the cause where `error` may name only the consequence: a busy server as a denied handshake or an invalid token.
    private static string? FailureReason(string? ext)
    {
        if (ext is null)
            return null;
        using JsonDocument json = JsonDocument.Parse(ext);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("sfdc", out JsonElement sfdc) && sfdc.ValueKind == JsonValueKind.Object
            && sfdc.TryGetProperty("failureReason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String
            ? reason.GetString()
            : null;
    }

    private static TimeSpan NoDelay(StreamDelays delays) => TimeSpan.Zero;
}
