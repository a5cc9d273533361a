namespace SalesforceBridge.Bayeux;

/// <summary>What the server advises for the next request; a member it did not name is null.</summary>
/// <param name="Reconnect"><c>retry</c>, <c>handshake</c> or <c>none</c>.</param>
/// <param name="Interval">How long to wait before the next connect.</param>
/// <param name="Timeout">How long the server holds a connect when it has nothing to say.</param>
public sealed record BayeuxAdvice(string? Reconnect, TimeSpan? Interval, TimeSpan? Timeout)
{
    internal static readonly BayeuxAdvice None = new(null, null, null);

    // Later replies usually name only what changed, or nothing.
    internal BayeuxAdvice UpdatedBy(BayeuxAdvice newer) =>
        new(newer.Reconnect ?? Reconnect, newer.Interval ?? Interval, newer.Timeout ?? Timeout);
}
