namespace SalesforceBridge.Messaging;

/// <summary>
/// Deliveries of a lane that were refused in a row, for good or each as the only one of its call, all with one code. So many seldom are all wrong: they share something that is, so the lane
/// stops before they are dead letters, and those that are by then are taken back. A success ends a run, and so does another code. Only whoever holds
/// the lane knows of it: the next holder begins to count anew.
/// </summary>
internal sealed class RefusalRun(string lane)
{
    /// <summary>How many make the lane stop.</summary>
    public const int Limit = 20;

    private readonly HashSet<long> _ids = [];
    private long[] _before = [];
    private string? _code;
    private int _count;
    private (string Code, string Why)? _stands;
    private string? _accepted;

    /// <summary>Why the lane has to stop after the call or job that is being judged, if it has to.</summary>
    public LaneStop? Stop { get; private set; }

    /// <summary>Dead letters of earlier calls that belong to the run for which the lane has to stop.</summary>
    public IReadOnlyList<long> TakenBack { get; private set; } = [];

    /// <summary>
    /// How many the next call may hold: the one that fills a run is the last of its call, so that none behind it is made before those that are taken back.
    /// </summary>
    public int MostInCall => _count is 0 or >= Limit ? int.MaxValue : Limit - _count;

    /// <summary>Learns what the cursor says: for which code the lane stands still, and what a person has accepted.</summary>
    public void Heed(CursorState state)
    {
        (Stop, TakenBack) = (null, []);
        _stands = state.RunCode is { } code ? (code, state.Stopped!) : null;
        if (_accepted == state.Accepted)
            return;
        _accepted = state.Accepted;
        End();
    }

    /// <summary>A call, or the results of a job, come next.</summary>
    public void Begin()
    {
        (Stop, TakenBack) = (null, []);
        _before = [.. _ids];
    }

    /// <summary>A delivery was made, or what is known of a run does not hold any more.</summary>
    public void End()
    {
        _code = null;
        _count = 0;
        _ids.Clear();
        _before = [];
    }

    /// <summary>The next delivery was refused for good, or all of a lot, which counts as one.</summary>
    /// <returns>Whether that is the lane's fault: it stays open, and so do all others of the run.</returns>
    public bool Refuse(string code, string error, IReadOnlyList<long> ids)
    {
        if (Stop?.Code == code)
            return true;
        if (IsAccepted(code, ids[^1]))
        {
            End();
            return false;
        }

        Count(code, ids);
        if (_stands?.Code != code && _count < Limit)
            return false;
        if (Stop is null)
            (Stop, TakenBack) = (new LaneStop(code, _stands is { } stands && stands.Code == code ? stands.Why : Reason(error)), _before);
        return true;
    }

    /// <summary>Whether the lane stands still for this code.</summary>
    public bool StandsFor(string code) => _stands?.Code == code;

    /// <summary>Whether a delivery is one of the run.</summary>
    public bool Has(long id) => _ids.Contains(id);

    private void Count(string code, IReadOnlyList<long> ids)
    {
        if (code != _code)
            End();
        _code = code;
        if (!_ids.IsSupersetOf(ids))
            _count++;
        _ids.UnionWith(ids);
    }

    private bool IsAccepted(string code, long id) => _accepted is { } accepted
        && accepted.LastIndexOf(' ') is var space && accepted[..space] == code && id <= long.Parse(accepted.AsSpan(space + 1));

    private string Reason(string error) =>
        $"{_code}: {_count} deliveries in a row were refused with this code, the last one so: {error.TrimEnd('.')}. None of them is a dead letter, and one is tried " +
        $"from time to time. If they are wrong themselves, `bridge dead-letters accept lane {lane}` makes them dead letters, and the lane goes on.";
}

/// <summary>Why a lane stops, in the words of its run.</summary>
/// <param name="Code">The code.</param>
/// <param name="Why">For a person.</param>
internal sealed record LaneStop(string Code, string Why);
