namespace SalesforceBridge.Destinations.Requests;

/// <summary>When an API that keeps failing is left alone, and for how long.</summary>
internal sealed record CircuitTimes
{
    /// <summary>So many failures in a row, and it is left alone.</summary>
    public int Failures { get; init; } = 5;

    /// <summary>The first pause; it doubles with each try that fails, with jitter.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause of its own; what the API asks for may be longer.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause that the API can ask for.</summary>
    public TimeSpan LongestAsked { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Whether an API may be asked now. After several failures in a row nobody asks for a while; then one request tries.</summary>
internal sealed class Circuit(CircuitTimes times, TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _failures;
    private int _pauses;
    private DateTimeOffset? _openUntil;
    private bool _isTried;

    /// <summary>Any number may ask.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _openUntil is null;
        }
    }

    /// <summary>Asks to go on; whoever may says afterwards how it went.</summary>
    /// <returns>Null: go on. Else how long to wait.</returns>
    public TimeSpan? Enter()
    {
        lock (_gate)
        {
            if (_openUntil is not { } until)
                return null;
            TimeSpan left = until - time.GetUtcNow();
            if (left > TimeSpan.Zero)
                return left;
            if (_isTried)
                return times.First;
            _isTried = true;
            return null;
        }
    }

    /// <summary>It works.</summary>
    public void Close()
    {
        lock (_gate)
            (_failures, _pauses, _openUntil, _isTried) = (0, 0, null, false);
    }

    /// <summary>It failed; where the API said when to come back, nobody asks before, within reason.</summary>
    public void Fail(TimeSpan? notBefore)
    {
        lock (_gate)
        {
            _failures++;
            if (notBefore is { } wait)
                Open(wait < times.LongestAsked ? wait : times.LongestAsked);
            else if (_isTried || (_failures >= times.Failures && _openUntil is null))
                Open(NextPause());
        }
    }

    /// <summary>Nothing was learned of it.</summary>
    public void Leave()
    {
        lock (_gate)
            _isTried = false;
    }

    private void Open(TimeSpan pause)
    {
        DateTimeOffset until = time.GetUtcNow() + pause;
        (_openUntil, _isTried) = (_openUntil > until ? _openUntil : until, false);
    }

    private TimeSpan NextPause()
    {
        double seconds = Math.Min(times.First.TotalSeconds * Math.Pow(2, Math.Min(_pauses++, 20)), times.Longest.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 + (Random.Shared.NextDouble() / 5)));
    }
}
