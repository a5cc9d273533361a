namespace SalesforceBridge.Messaging;

/// <summary>Waits longer each time, with jitter, until something works again: <see cref="MessagingOptions.FirstPause"/> to <see cref="MessagingOptions.LongestPause"/>.</summary>
public sealed class Pause(MessagingOptions options, TimeProvider time)
{
    private int _times;

    /// <summary>It works again: the next wait is the shortest.</summary>
    public void Reset() => _times = 0;

    /// <summary>Waits, about twice as long as the last time.</summary>
    public Task WaitAsync(CancellationToken ct)
    {
        double seconds = options.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(_times++, 20));
        double capped = Math.Min(seconds, options.LongestPause.TotalSeconds);
        return Task.Delay(TimeSpan.FromSeconds(capped * (0.5 + (Random.Shared.NextDouble() / 2))), time, ct);
    }
}
