namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A time limit that progress moves on.</summary>
internal sealed class ProgressLimit(TimeSpan limit, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _over = new(limit, time);

    public CancellationToken Token => _over.Token;

    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>Gives all of the time again.</summary>
    public void Restart() => _over.CancelAfter(limit);

    /// <summary>Stops the clock.</summary>
    public void Pause() => _over.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _over.Dispose();
}
