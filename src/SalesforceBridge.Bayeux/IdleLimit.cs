namespace SalesforceBridge.Bayeux;

/// <summary>Limits each of several waits, and not the time between them.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _ended;

    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        _limit = limit;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _ended = ct.UnsafeRegister(static over => ((CancellationTokenSource)over!).Cancel(), _over);
    }

    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> wait)
    {
        _over.CancelAfter(_limit);
        T result = await wait(_over.Token);
        _over.CancelAfter(Timeout.InfiniteTimeSpan);
        return result;
    }

    public void Dispose()
    {
        _ended.Dispose();
        _over.Dispose();
    }
}
