using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>Which records wait for whose approval.</summary>
internal sealed class ApprovalBook
{
    private const string InstancePrefix = "04g";
    private const string WorkitemPrefix = "04i";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Approval> _pending = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>Opens an approval; nothing when the record has one that is open.</summary>
    public Approval? Open(string recordId, string approverId)
    {
        lock (_gate)
        {
            if (_pending.Values.Any(approval => approval.RecordId == recordId))
                return null;
            long number = ++_last;
            var opened = new Approval(SalesforceId.Number(InstancePrefix, number), SalesforceId.Number(WorkitemPrefix, number), recordId, approverId);
            _pending[opened.WorkitemId] = opened;
            return opened;
        }
    }

    /// <summary>The open approval that a work item is for.</summary>
    public Approval? Find(string? workitemId)
    {
        lock (_gate)
            return workitemId is not null && _pending.TryGetValue(workitemId, out Approval? found) ? found : null;
    }

    /// <summary>Ends an approval; false when somebody else did so just now.</summary>
    public bool Close(Approval approval)
    {
        lock (_gate)
            return _pending.Remove(approval.WorkitemId);
    }
}

/// <summary>A record that waits for a user's approval. All ids have 18 characters.</summary>
internal sealed record Approval(string InstanceId, string WorkitemId, string RecordId, string ApproverId);
