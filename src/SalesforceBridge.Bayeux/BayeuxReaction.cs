namespace SalesforceBridge.Bayeux;

/// <summary>What to do about a failure: a closed family.</summary>
public abstract record BayeuxReaction
{
    private BayeuxReaction()
    {
    }

    /// <summary>Begin a new session now; if the last one never worked, after the backoff.</summary>
    public sealed record Handshake : BayeuxReaction;

    /// <summary>Begin a new session after the backoff.</summary>
    /// <param name="AtLeast">The least to wait; up to half of it is added at random.</param>
    public sealed record BackOff(TimeSpan AtLeast) : BayeuxReaction;

    /// <summary>Ask the dialect for another subscription to the channel, and subscribe with that. For refused subscribes only.</summary>
    public sealed record SubscribeAgain : BayeuxReaction;

    /// <summary>Go on without the channel. For refused subscribes only.</summary>
    /// <param name="RetryAfter">When to try it again; null: when it is wanted anew.</param>
    public sealed record LeaveChannel(TimeSpan? RetryAfter) : BayeuxReaction;

    /// <summary>Give up: nothing but a person can help.</summary>
    public sealed record Stop : BayeuxReaction;
}
