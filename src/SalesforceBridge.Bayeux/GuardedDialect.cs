namespace SalesforceBridge.Bayeux;

/// <summary>A dialect whose exceptions are failures of the session, like any other.</summary>
internal sealed class GuardedDialect(IBayeuxDialect inner) : IBayeuxDialect
{
    public ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct) => GuardAsync(inner.OpenAsync, ct);

    public ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct) =>
        GuardAsync(token => inner.SubscribeAsync(channel, token), ct);

    public BayeuxReaction React(BayeuxFailure failure) => inner.React(failure);

    private static async ValueTask<T> GuardAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask(ct);
        }
        catch (Exception failed) when (!ct.IsCancellationRequested)
        {
            throw new BayeuxFailureException(new BayeuxFailure.DialectFailed(failed), failed);
        }
    }
}
