namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>What an event stream tells its consumer, in order: a closed family.</summary>
public abstract record StreamMessage
{
    private StreamMessage()
    {
    }

    /// <summary>Events in the order in which the org sent them. Store them with their positions before asking for the next
    /// message.</summary>
    /// <param name="Items">At least one; of any channels.</param>
    public sealed record Events(IReadOnlyList<StreamedEvent> Items) : StreamMessage;

    /// <summary>A channel is subscribed.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="From">Where it goes on.</param>
    /// <param name="UnwatchedSince">Set when the channel had been subscribed at the tip, no position was stored since, and the session
    /// was lost:
    /// events published since then may be missing, which is a gap.</param>
    public sealed record Subscribed(string Channel, ReplayFrom From, DateTimeOffset? UnwatchedSince) : StreamMessage;

    /// <summary>The org refused a channel; the others go on.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Error">Why.</param>
    /// <param name="Text">The org's words.</param>
    /// <param name="RetryAfter">When it is tried again; null: when it is wanted anew.</param>
    public sealed record Refused(string Channel, StreamError Error, string Text, TimeSpan? RetryAfter) : StreamMessage;

    /// <summary>The org no longer knows a stored position: events behind it are lost to the stream, which is a gap.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Rejected">The position.</param>
    /// <param name="GoesOnFrom">Where the subscription goes on; null: it stopped, until it is wanted anew.</param>
    public sealed record ReplayExpired(string Channel, ReplayId Rejected, ReplayFrom? GoesOnFrom) : StreamMessage;

    /// <summary>A channel subscribed from a stored position has brought nothing for long: either nothing was published, or the org
    /// cannot find the position.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Position">The stored position.</param>
    /// <param name="Since">Since when.</param>
    /// <param name="GoesOnFrom">Where it is subscribed anew, which may leave a gap; null: nothing is done.</param>
    public sealed record Silent(string Channel, ReplayId Position, DateTimeOffset Since, ReplayFrom? GoesOnFrom) : StreamMessage;

    /// <summary>A poll ended and brought nothing: the stream lives.</summary>
    public sealed record Quiet : StreamMessage;

    /// <summary>The org accepted a handshake; the subscriptions follow.</summary>
    public sealed record SessionStarted : StreamMessage;

    /// <summary>A session ended or could not begin. All channels are subscribed anew with the next one, from their stored
    /// positions.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="Text">The same in words.</param>
    /// <param name="NextAttempt">How long until the next handshake.</param>
    public sealed record SessionLost(StreamError Error, string Text, TimeSpan NextAttempt) : StreamMessage
    {
        /// <summary>Whether this happens to a healthy stream too.</summary>
        public bool IsRoutine => Error is StreamError.SessionUnknown or StreamError.SessionEnded or StreamError.ChannelsChanged;
    }

    /// <summary>There is no token that the org accepts. Asking goes on.</summary>
    /// <param name="Text">What happened and what to do.</param>
    /// <param name="IsFatal">Whether a person must act.</param>
    /// <param name="NextAttempt">How long until the next attempt.</param>
    public sealed record AuthFailed(string Text, bool IsFatal, TimeSpan NextAttempt) : StreamMessage;

    /// <summary>The stream gave up, since only a changed configuration can help. This is its last message.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="Text">The org's words.</param>
    public sealed record Stopped(StreamError Error, string Text) : StreamMessage;
}
