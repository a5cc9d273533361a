namespace SalesforceBridge.Simulator.Ledger;

/// <summary>
/// What the org saw and sent: every call, write, event and delivery, so that a test can check both sides of a bridge.
/// Counts are exact; of entries the newest <c>LedgerSize</c> of each sort are kept.
/// </summary>
public sealed class OrgLedger
{
    private readonly Lock _gate = new();
    private readonly int _size;
    private readonly Queue<ReceivedCall> _calls = [];
    private readonly Queue<PublishedEvent> _events = [];
    private readonly Queue<ReceivedWrite> _writes = [];
    private readonly SortedDictionary<long, SentDelivery> _deliveries = [];
    private readonly Queue<ActionRun> _actionRuns = [];
    private readonly Queue<ApprovalStep> _approvalSteps = [];
    private readonly Dictionary<ApiCallKind, long> _counts = [];
    private long _lastCall;
    private long _lastWrite;
    private long _lastDelivery;
    private long _lastActionRun;
    private long _lastApprovalStep;
    private long _eventCount;

    internal OrgLedger(int size) => _size = size;

    /// <summary>The newest calls, oldest first.</summary>
    public IReadOnlyList<ReceivedCall> Calls => Copy(_calls);

    /// <summary>The newest platform events, oldest first.</summary>
    public IReadOnlyList<PublishedEvent> Events => Copy(_events);

    /// <summary>The newest writes that came through the API, oldest first.</summary>
    public IReadOnlyList<ReceivedWrite> Writes => Copy(_writes);

    /// <summary>The newest outbound messages and Apex callouts, oldest first, each as far as it got.</summary>
    public IReadOnlyList<SentDelivery> Deliveries
    {
        get
        {
            lock (_gate)
                return [.. _deliveries.Values];
        }
    }

    /// <summary>The newest runs of flows and actions, one for each input, oldest first.</summary>
    public IReadOnlyList<ActionRun> ActionRuns => Copy(_actionRuns);

    /// <summary>The newest steps of approvals, whether they were done or refused, oldest first.</summary>
    public IReadOnlyList<ApprovalStep> ApprovalSteps => Copy(_approvalSteps);

    /// <summary>How many platform events were ever accepted.</summary>
    public long EventCount => Interlocked.Read(ref _eventCount);

    /// <summary>How many calls of each kind were ever answered.</summary>
    public IReadOnlyDictionary<ApiCallKind, long> Counts
    {
        get
        {
            lock (_gate)
                return new Dictionary<ApiCallKind, long>(_counts);
        }
    }

    /// <summary>How many calls of one kind were ever answered.</summary>
    public long Count(ApiCallKind kind)
    {
        lock (_gate)
            return _counts.GetValueOrDefault(kind);
    }

    internal long NextCall() => Interlocked.Increment(ref _lastCall);

    internal long NextDelivery() => Interlocked.Increment(ref _lastDelivery);

    internal void Record(ReceivedCall call)
    {
        lock (_gate)
        {
            _counts[call.Kind] = _counts.GetValueOrDefault(call.Kind) + 1;
            Keep(_calls, call);
        }
    }

    internal void Record(PublishedEvent published)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _eventCount);
            Keep(_events, published);
        }
    }

    internal void Record(Func<long, ReceivedWrite> write)
    {
        lock (_gate)
            Keep(_writes, write(++_lastWrite));
    }

    internal void Record(SentDelivery delivery)
    {
        lock (_gate)
        {
            _deliveries[delivery.Number] = delivery;
            if (_deliveries.Count > _size)
                _deliveries.Remove(_deliveries.Keys.First());
        }
    }

    internal void Record(Func<long, ActionRun> run)
    {
        lock (_gate)
            Keep(_actionRuns, run(++_lastActionRun));
    }

    internal void Record(Func<long, ApprovalStep> step)
    {
        lock (_gate)
            Keep(_approvalSteps, step(++_lastApprovalStep));
    }

    private void Keep<T>(Queue<T> entries, T entry)
    {
        entries.Enqueue(entry);
        if (entries.Count > _size)
            entries.Dequeue();
    }

    private T[] Copy<T>(Queue<T> entries)
    {
        lock (_gate)
            return [.. entries];
    }
}
