namespace SalesforceBridge.Bayeux;

/// <summary>How one kind of server speaks Bayeux: its address and headers, what its subscriptions carry, what its failures mean.</summary>
/// <remarks>The client calls it from its session loop, one call at a time and never under a lock. An exception ends the session and is
/// reported as <see cref="BayeuxFailure.DialectFailed"/>.</remarks>
public interface IBayeuxDialect
{
    /// <summary>Where the next session speaks; asked before every handshake.</summary>
    ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct);

    /// <summary>What to send with a subscribe; asked before every subscribe.</summary>
    ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct);

    /// <summary>What to do about a failure.</summary>
    BayeuxReaction React(BayeuxFailure failure);
}
