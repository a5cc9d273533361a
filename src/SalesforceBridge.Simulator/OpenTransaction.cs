using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator;

/// <summary>
/// A long transaction of the org, as slow Apex makes it: its changes carry the time at which they were made, and nobody sees them
/// before the commit. While it is open the org says that it knows everything only up to its begin.
/// </summary>
public sealed class OpenTransaction : IDisposable
{
    private readonly Org _org;
    private readonly Func<Action<OrgTransaction, DirectTransaction>, int> _write;
    private readonly List<(DateTimeOffset At, Action<DirectTransaction> Change)> _changes = [];

    internal OpenTransaction(Org org, Func<Action<OrgTransaction, DirectTransaction>, int> write)
    {
        (_org, _write) = (org, write);
        StartedAt = org.Begin(this);
    }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Makes a change at this moment of the org's clock; a refusal shows with the commit.</summary>
    public void Change(Action<DirectTransaction> change) => _changes.Add((_org.Now, change));

    /// <summary>Makes the changes visible, all at once.</summary>
    /// <exception cref="InvalidOperationException">The org refuses one; then none is made.</exception>
    public void Commit()
    {
        _write((transaction, direct) =>
        {
            foreach ((DateTimeOffset at, Action<DirectTransaction> change) in _changes)
            {
                transaction.Now = at;
                change(direct);
            }
        });
        Dispose();
    }

    /// <summary>Ends it; what was not committed is undone.</summary>
    public void Dispose() => _org.End(this);
}
