namespace SalesforceBridge.Simulator.Faults;

/// <summary>A fault that was asked for.</summary>
/// <param name="Id">Names it on the admin endpoint.</param>
/// <param name="Fault">What goes wrong.</param>
public sealed record ActiveFault(int Id, Fault Fault)
{
    private int _struck;

    /// <summary>How often it struck so far.</summary>
    public int Struck => Volatile.Read(ref _struck);

    internal bool IsSpent => Fault.Times is { } times && Struck >= times;

    internal void Strike() => Interlocked.Increment(ref _struck);
}

/// <summary>The faults asked for, oldest first. Each strikes when a request it fits comes by.</summary>
public sealed class FaultBoard
{
    private readonly Lock _gate = new();
    private readonly WakeUp _changed;
    private List<ActiveFault> _active = [];
    private int _lastId;

    internal FaultBoard(WakeUp changed) => _changed = changed;

    /// <summary>Those that can still strike.</summary>
    public IReadOnlyList<ActiveFault> Active => Volatile.Read(ref _active);

    /// <summary>Asks for a fault. Polls that are held look at it at once.</summary>
    public ActiveFault Add(Fault fault)
    {
        ActiveFault active;
        lock (_gate)
        {
            active = new ActiveFault(++_lastId, fault);
            _active = [.. _active, active];
        }
        _changed.Ring();
        return active;
    }

    /// <summary>Ends one fault.</summary>
    public bool Remove(int id)
    {
        lock (_gate)
        {
            int before = _active.Count;
            _active = [.. _active.Where(active => active.Id != id)];
            return _active.Count < before;
        }
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_gate)
            _active = [];
    }

    /// <summary>Lets the oldest fitting fault strike once.</summary>
    internal T? Strike<T>(Func<T, bool>? fits = null)
        where T : Fault
    {
        // Almost always there is none, and every request asks several times.
        if (Active.Count == 0)
            return null;
        lock (_gate)
        {
            ActiveFault? found = _active.Find(active => active.Fault is T fault && fits?.Invoke(fault) is not false);
            found?.Strike();
            if (found?.IsSpent is true)
                _active = [.. _active.Where(active => active != found)];
            return (T?)found?.Fault;
        }
    }

    /// <summary>Whether such a fault stands, without letting it strike.</summary>
    internal bool Stands<T>(Func<T, bool> fits)
        where T : Fault => Active.Any(active => active.Fault is T fault && fits(fault));
}
