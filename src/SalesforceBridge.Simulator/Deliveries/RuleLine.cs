using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>What one rule has to send. First attempts go one after the other; a failed one's retries hold up nobody.</summary>
internal abstract class RuleLine(DeliveryRule rule)
{
    private readonly Lock _gate = new();
    private Uri? _url = rule.Url;
    private long _lastAttempted;

    public string Name => rule.Name;

    /// <summary>Where the next attempt goes. An administrator may change it at any time.</summary>
    public Uri? Url
    {
        get => Volatile.Read(ref _url);
        set => Volatile.Write(ref _url, value);
    }

    /// <summary>The number of the youngest delivery that was attempted.</summary>
    public long LastAttempted
    {
        get
        {
            lock (_gate)
                return _lastAttempted;
        }
    }

    /// <summary>Takes note of a transaction's changes that the rule is about. Never waits: the transaction holds the org's lock.</summary>
    public void Take(IReadOnlyList<RecordChange> changes, RecordStore store, User user)
    {
        if (Url is null)
            return;
        RecordChange[] concerned = [.. changes.Where(change => rule.Changes.Passes(change, store) && IsSent(change.Operation))];
        if (concerned.Length > 0)
            Enqueue(concerned, user);
    }

    /// <summary>Sends what is enqueued until it is stopped.</summary>
    public abstract Task RunAsync(Courier courier, CancellationToken ct);

    public void NoteAttempt(long number)
    {
        lock (_gate)
            _lastAttempted = Math.Max(_lastAttempted, number);
    }

    protected abstract bool IsSent(Operation operation);

    protected abstract void Enqueue(IReadOnlyList<RecordChange> changes, User user);
}
