namespace SalesforceBridge.Bayeux;

/// <summary>What a client hands to its consumer, in order: a closed family.</summary>
public abstract record BayeuxMessage
{
    private BayeuxMessage()
    {
    }

    /// <summary>The server accepted a handshake. Nothing is subscribed yet.</summary>
    public sealed record SessionStarted : BayeuxMessage;

    /// <summary>A session ended or could not begin; another follows.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="NextAttempt">How long until the next handshake.</param>
    /// <param name="LastConnect">When the last good reply to a connect came; null if none did. Until then nothing was missed.</param>
    public sealed record SessionEnded(BayeuxFailure Failure, TimeSpan NextAttempt, DateTimeOffset? LastConnect) : BayeuxMessage;

    /// <summary>The server accepted a subscription.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Subscription">What was asked for.</param>
    public sealed record Subscribed(string Channel, BayeuxSubscription Subscription) : BayeuxMessage;

    /// <summary>The server refused a subscription; the session goes on.</summary>
    /// <param name="Channel">The channel.</param>
    /// <param name="Failure">Why, and what was asked for.</param>
    /// <param name="Reaction">What the client does about it.</param>
    public sealed record SubscriptionRefused(string Channel, BayeuxFailure.Refused Failure, BayeuxReaction Reaction) : BayeuxMessage;

    /// <summary>Messages published on channels, in the order in which the server sent them.</summary>
    /// <param name="Items">At least one.</param>
    public sealed record Data(IReadOnlyList<BayeuxData> Items) : BayeuxMessage;

    /// <summary>A poll ended and brought nothing: the session lives.</summary>
    public sealed record Quiet : BayeuxMessage;

    /// <summary>The client gave up; this is its last message.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Stopped(BayeuxFailure Failure) : BayeuxMessage;
}
