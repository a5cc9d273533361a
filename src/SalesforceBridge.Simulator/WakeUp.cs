namespace SalesforceBridge.Simulator;

/// <summary>Wakes everyone who waits. Take <see cref="Next"/> first, look at what may have changed, then await it.</summary>
internal sealed class WakeUp
{
    private TaskCompletionSource _next = Create();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, Create()).TrySetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
