namespace SalesforceBridge.Bayeux;

/// <summary>When the next handshake may be made: never two close together, later after each failure, and never never.</summary>
internal sealed class HandshakePacing(BayeuxOptions options, TimeProvider time)
{
    // Doubling beyond this passes any cap.
    private const int MostDoublings = 20;
    private int _failures;
    private long? _lastHandshake;

    /// <summary>Notes that a handshake is about to be made.</summary>
    public void NoteHandshake() => _lastHandshake = time.GetTimestamp();

    /// <summary>How long to wait before the next handshake.</summary>
    /// <param name="reaction">What the failure asks for.</param>
    /// <param name="worked">Whether the session that ended had worked.</param>
    public TimeSpan Next(BayeuxReaction reaction, bool worked)
    {
        _failures = worked ? 0 : _failures + 1;
        TimeSpan wait = reaction switch
        {
            BayeuxReaction.BackOff(var atLeast) => Longer(atLeast * (1 + Random.Shared.NextDouble() / 2), Backoff()),
            _ when worked => TimeSpan.Zero,
            _ => Backoff(),
        };
        return _lastHandshake is { } last ? Longer(wait, options.HandshakeSpacing - time.GetElapsedTime(last)) : wait;
    }

    private TimeSpan Backoff()
    {
        TimeSpan doubled = options.FirstBackoff * Math.Pow(2, Math.Clamp(_failures - 1, 0, MostDoublings));
        TimeSpan capped = doubled < options.LongestBackoff ? doubled : options.LongestBackoff;
        return capped * (1 - Random.Shared.NextDouble() / 2);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
