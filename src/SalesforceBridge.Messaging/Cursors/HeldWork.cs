namespace SalesforceBridge.Messaging;

/// <summary>A piece of work while this worker does it.</summary>
internal sealed class HeldWork(Lease lease) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();

    public Lease Lease { get; private set; } = lease;

    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>It was told to stop.</summary>
    public bool IsEnding => _stop.IsCancellationRequested;

    public void Begin(ILeasedWork work)
    {
        Lease = Lease with { Lost = _lost.Token };
        Work = Task.Run(() => work.RunAsync(Lease, _stop.Token));
    }

    /// <summary>Whoever takes it next may take it any moment: nothing new may begin.</summary>
    public void Drop()
    {
        Deadline.Cancel(_lost);
        Deadline.Cancel(_stop);
    }

    /// <summary>Asks it to stop and waits for its end, at most so long.</summary>
    public async Task StopAsync(TimeSpan atMost, TimeProvider time)
    {
        Deadline.Cancel(_stop);
        try
        {
            await Work.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(atMost, time);
        }
        catch (TimeoutException)
        {
            // It goes on ending by itself.
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _lost.Dispose();
    }
}
