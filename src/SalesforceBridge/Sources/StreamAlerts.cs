using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Sources;

/// <summary>What a person learns of the streams: gaps are recorded, what stands still is an alert until it goes on.</summary>
internal sealed class StreamAlerts(BridgeDatabase database)
{
    public const string OrgAlert = "org";
    private readonly Alerts _alerts = new(database);
    private readonly Gaps _gaps = new(database);

    public Task TellAsync(StreamPositions positions, StreamMessage message, CancellationToken ct) => message switch
    {
        StreamMessage.ReplayExpired expired => RecordExpiredAsync(positions, expired, ct),
        StreamMessage.Silent silent => RecordSilentAsync(positions, silent, ct),
        StreamMessage.Subscribed { UnwatchedSince: { } since } subscribed => RecordAsync(positions, subscribed.Channel,
            $"{since:O}", "tip", "The session was lost before the first event of a new subscription came, so events since then may be missing.", ct),
        StreamMessage.Subscribed subscribed => _alerts.ClearAsync(RefusedAlert(positions, subscribed.Channel), ct),
        StreamMessage.Refused refused => _alerts.RaiseAsync(RefusedAlert(positions, refused.Channel),
            $"The org refuses {refused.Channel}: {refused.Text}. {Advice(refused.Error)}", ct),
        StreamMessage.AuthFailed failed => _alerts.RaiseAsync(OrgAlert,
            $"There is no token for the org: {failed.Text} {(failed.IsFatal ? "Correct the credentials (`bridge doctor` says which)." : "It is tried again.")}", ct),
        StreamMessage.Stopped stopped => _alerts.RaiseAsync(OrgAlert, $"The stream stopped: {stopped.Text}. Correct the configuration and restart.", ct),
        StreamMessage.SessionStarted => _alerts.ClearAsync(OrgAlert, ct),
        _ => Task.CompletedTask,
    };

    private Task RecordExpiredAsync(StreamPositions positions, StreamMessage.ReplayExpired expired, CancellationToken ct) =>
        RecordAsync(positions, expired.Channel, expired.Rejected.Value, Describe(expired.GoesOnFrom),
            $"The org no longer knows the position after which {expired.Channel} was to go on, so events between are lost to the stream. " +
            "The org keeps them for 72 hours; was the bridge away for longer?", ct);

    private Task RecordSilentAsync(StreamPositions positions, StreamMessage.Silent silent, CancellationToken ct) => silent.GoesOnFrom is null
        ? _alerts.RaiseAsync($"{NameOf(positions, silent.Channel)} is silent",
            $"{silent.Channel} has brought nothing since {silent.Since:u}, though it is subscribed after a stored event. If the org published since then, the org may be stuck finding the position.", ct)
        : RecordAsync(positions, silent.Channel, silent.Position.Value, Describe(silent.GoesOnFrom),
            $"{silent.Channel} had brought nothing since {silent.Since:u} and was subscribed anew.", ct);

    private Task RecordAsync(StreamPositions positions, string channel, string from, string to, string why, CancellationToken ct) =>
        _gaps.RecordAsync(NameOf(positions, channel), from, to, $"{why} {Cure(channel)}", ct);

    // Records can be read again, events cannot.
    private static string Cure(string channel) => channel.StartsWith("/topic/", StringComparison.Ordinal)
            || (channel.StartsWith("/data/", StringComparison.Ordinal) && channel.EndsWith("ChangeEvent", StringComparison.Ordinal))
        ? "`bridge backfill ROUTE` tells a route every record again, and heals the gap when all routes on it are through."
        : "See to it, then `bridge gaps close ID --reason TEXT`.";

    private static string RefusedAlert(StreamPositions positions, string channel) => $"{NameOf(positions, channel)} refused";

    private static string NameOf(StreamPositions positions, string channel) => positions.Find(channel)?.Source.Name ?? channel;

    private static string Describe(ReplayFrom? from) => from switch
    {
        ReplayFrom.Tip => "tip",
        ReplayFrom.Earliest => "the earliest that the org keeps",
        ReplayFrom.After(var id) => id.Value,
        _ => "stopped",
    };

    /// <summary>What to do about a channel that the org refuses.</summary>
    public static string Advice(StreamError error) => error switch
    {
        StreamError.ChannelUnknown => "Is the name right, and is the event or channel deployed?",
        StreamError.ChannelDenied or StreamError.UserNotAllowed => "Does it exist, and may the integration user read it?",
        StreamError.DailyEventLimitExceeded => "The day's deliveries are used up; the org keeps events for 72 hours.",
        _ => "It is tried again.",
    };
}
