namespace SalesforceBridge.Messaging;

/// <summary>Waits longer each time, with jitter, until something works again.</summary>
internal sealed class Pause(MessagingOptions options, TimeProvider time)
{
    private int _times;

    public void Reset() => _times = 0;

    public Task WaitAsync(CancellationToken ct)
    {
        double seconds = options.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(_times++, 20));
        double capped = Math.Min(seconds, options.LongestPause.TotalSeconds);
        return Task.Delay(TimeSpan.FromSeconds(capped * (0.5 + (Random.Shared.NextDouble() / 2))), time, ct);
    }
}
