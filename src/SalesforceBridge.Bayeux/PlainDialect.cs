namespace SalesforceBridge.Bayeux;

/// <summary>A server that follows the Bayeux protocol and adds nothing to it.</summary>
/// <param name="address">Its Bayeux address.</param>
public sealed class PlainDialect(Uri address) : IBayeuxDialect
{
    private static readonly TimeSpan RefusedChannelRetry = TimeSpan.FromMinutes(5);
    private readonly BayeuxEndpoint _endpoint = new(address, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct) => ValueTask.FromResult(_endpoint);

    /// <inheritdoc/>
    public ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct) =>
        ValueTask.FromResult(BayeuxSubscription.Plain);

    /// <inheritdoc/>
    public BayeuxReaction React(BayeuxFailure failure) => failure switch
    {
        BayeuxFailure.Refused { Advice.Reconnect: "handshake" } => new BayeuxReaction.Handshake(),
        BayeuxFailure.Refused { Subscription: not null } => new BayeuxReaction.LeaveChannel(RefusedChannelRetry),
        BayeuxFailure.Refused { Advice.Reconnect: "none" } => new BayeuxReaction.Stop(),
        BayeuxFailure.Refused refused => new BayeuxReaction.BackOff(refused.RetryAfter ?? TimeSpan.Zero),
        BayeuxFailure.HttpStatus status => new BayeuxReaction.BackOff(status.RetryAfter ?? TimeSpan.Zero),
        BayeuxFailure.Disconnected => new BayeuxReaction.Handshake(),
        _ => new BayeuxReaction.BackOff(TimeSpan.Zero),
    };
}
