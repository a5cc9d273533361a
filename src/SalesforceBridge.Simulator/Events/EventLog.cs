namespace SalesforceBridge.Simulator.Events;

/// <summary>The kept events of one event type, oldest first. Guarded by the bus.</summary>
/// <param name="retention">How long they are kept.</param>
internal sealed class EventLog(TimeSpan retention)
{
    private readonly List<StoredEvent> _events = [];
    private int _head;

    public void Append(StoredEvent stored) => _events.Add(stored);

    public bool Contains(long replayId)
    {
        int at = FirstAfter(replayId - 1);
        return at < _events.Count && _events[at].ReplayId == replayId;
    }

    public IReadOnlyList<StoredEvent> After(long replayId, int max)
    {
        int from = FirstAfter(replayId);
        return _events.GetRange(from, Math.Min(max, _events.Count - from));
    }

    public void Trim(int keep, DateTimeOffset now)
    {
        DateTimeOffset oldest = now - retention;
        while (_head < _events.Count && (_events.Count - _head > keep || _events[_head].At < oldest))
            _head++;
        // Moving what is left costs; do it when at least half goes.
        if (_head > 0 && _head >= _events.Count / 2)
        {
            _events.RemoveRange(0, _head);
            _head = 0;
        }
    }

    public void Clear()
    {
        _events.Clear();
        _head = 0;
    }

    private int FirstAfter(long replayId)
    {
        int low = _head;
        int high = _events.Count;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (_events[middle].ReplayId <= replayId)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
