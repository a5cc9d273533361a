namespace SalesforceBridge.Messaging;

/// <summary>
/// A time limit, and whatever else ends the same work. When a connection breaks in the moment in which Npgsql cancels a
/// statement on it, the cancelling throws; on a timer's thread that would end the process, so it is kept in here.
/// </summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _others;
    private readonly ITimer _timer;

    /// <summary>Begins to run.</summary>
    /// <param name="after">The time limit; <see cref="Timeout.InfiniteTimeSpan"/> for none yet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="others">What else ends the work.</param>
    public Deadline(TimeSpan after, TimeProvider time, CancellationToken others = default)
    {
        _timer = time.CreateTimer(_ => Pass(), null, after, Timeout.InfiniteTimeSpan);
        _others = others.Register(() => Cancel(_source));
    }

    /// <summary>Ends with the time, and with whatever else ends the work.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The time is over, whatever else ended.</summary>
    public bool HasPassed { get; private set; }

    /// <summary>From now on there is only so much time.</summary>
    public void Shorten(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    /// <summary>Cancels, whatever those that were listening make of it.</summary>
    public static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception error) when (error is AggregateException or ObjectDisposedException)
        {
            // The token is cancelled all the same.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _others.Dispose();
        _timer.Dispose();
        _source.Dispose();
    }

    private void Pass()
    {
        HasPassed = true;
        Cancel(_source);
    }
}
