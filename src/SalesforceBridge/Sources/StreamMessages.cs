using System.Globalization;
using System.Text.RegularExpressions;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Sources;

/// <summary>What an event of the org is in the inbox: its key, what tells a repeat, when it happened, and what is wrong with it.</summary>
internal static partial class StreamMessages
{
    /// <summary>The message of an event.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="streamed">The event as it came.</param>
    public static NewMessage Of(string source, StreamedEvent streamed)
    {
        string? fault = FaultIn(streamed);
        (string? origin, int hops) = CauseOf(streamed.Change?.ChangeOrigin);
        return new NewMessage(source, fault is null ? streamed.Payload : streamed.Data)
        {
            Key = streamed.Change?.FirstRecordId,
            DedupeKey = DedupeKeyOf(streamed),
            Fault = fault,
            Origin = origin,
            Hops = hops,
            OccurredAt = OccurredAt(streamed),
        };
    }

    /// <summary>When it happened, as far as the org says.</summary>
    public static DateTimeOffset? OccurredAt(StreamedEvent streamed)
    {
        if (streamed.Change?.CommitTimestamp is { } milliseconds and > 0 and < 253_402_300_799_000)
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return DateTimeOffset.TryParse(streamed.CreatedDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created)
            ? created
            : null;
    }

    /// <summary>
    /// What caused a change: a delivery names its route and its hops to the org, which repeats that with the changes it makes,
    /// <c>...;client=bridge.ROUTE.HOPS</c>.
    /// </summary>
    public static (string? Origin, int Hops) CauseOf(string? changeOrigin)
    {
        Match client = BridgeClient().Match(changeOrigin ?? "");
        return client.Success
            ? ($"bridge:{client.Groups["route"].Value}", int.Parse(client.Groups["hops"].Value, CultureInfo.InvariantCulture))
            : (null, 0);
    }

    // An event's uuid is its own; a change is told by its place in its transaction; for the rest there is only where and when,
    // since replay ids may come again after the org has moved.
    private static string? DedupeKeyOf(StreamedEvent streamed) => streamed switch
    {
        { EventUuid: { } uuid } => Clean(uuid),
        { Change: { TransactionKey: { } transaction } change } => Clean($"{transaction}/{change.SequenceNumber}/{change.EntityName}"),
        { ReplayId: { } replay } => Clean($"{streamed.Channel} {replay} {streamed.CreatedDate}"),
        _ => null,
    };

    private static string? FaultIn(StreamedEvent streamed)
    {
        if (streamed.Payload.IsEmpty)
            return "The event has no payload.";
        byte first = streamed.Payload.Span[0];
        return first switch
        {
            (byte)'{' => null,
            (byte)'n' => "The event's payload is null.",
            // A generic event's payload is any text.
            _ when streamed.Channel.StartsWith("/u/", StringComparison.Ordinal) => null,
            _ => "The event's payload is not an object.",
        };
    }

    // PostgreSQL's text has no NUL, and a key of any length would not fit its index.
    private static string Clean(string key)
    {
        string clean = key.Replace("\0", "");
        return clean.Length <= 500 ? clean : clean[..500];
    }

    [GeneratedRegex(@"(^|;)\s*client=bridge\.(?<route>[a-z][a-z0-9_-]{0,62})\.(?<hops>[0-9]{1,4})(;|$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BridgeClient();
}
