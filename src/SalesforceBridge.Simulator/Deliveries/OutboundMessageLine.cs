using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>That one record changed. What the record holds is read when it is sent.</summary>
/// <param name="Id">The receiver knows a repeated notification by it.</param>
/// <param name="RecordId">18 characters.</param>
internal sealed record Notification(string Id, string RecordId);

/// <summary>Collects the notifications of a rule. While a message is under way the next one fills up.</summary>
/// <param name="org">Whose records.</param>
/// <param name="rule">Which.</param>
/// <param name="actionId">The rule's id.</param>
internal sealed class OutboundMessageLine(Org org, OutboundMessageRule rule, string actionId) : RuleLine(rule)
{
    private const int MaxNotifications = 100;

    private readonly Lock _gate = new();
    private readonly Queue<Notification> _waiting = [];
    private readonly WakeUp _added = new();

    public override async Task RunAsync(Courier courier, CancellationToken ct)
    {
        while (true)
        {
            Task added = _added.Next;
            if (TakeWaiting() is { Count: > 0 } notifications)
                await courier.SendAsync(ToMessage(notifications), ct);
            else
                await added.WaitAsync(ct);
        }
    }

    protected override bool IsSent(Operation operation) => operation is not Operation.Delete;

    protected override void Enqueue(IReadOnlyList<RecordChange> changes, User user)
    {
        lock (_gate)
        {
            foreach (RecordChange change in changes)
                _waiting.Enqueue(new Notification(org.Deliveries.NextNotificationId(), change.After.Id));
        }
        _added.Ring();
    }

    private List<Notification> TakeWaiting()
    {
        lock (_gate)
        {
            List<Notification> taken = [];
            while (taken.Count < MaxNotifications && _waiting.TryDequeue(out Notification? notification))
                taken.Add(notification);
            return taken;
        }
    }

    private OutboundMessage ToMessage(List<Notification> notifications)
    {
        var entry = new SentDelivery
        {
            Number = org.Ledger.NextDelivery(),
            Kind = DeliveryKind.OutboundMessage,
            Rule = rule.Name,
            Object = rule.Changes.Type.Name,
            RecordIds = [.. notifications.Select(notification => notification.RecordId)],
            Keys = [.. notifications.Select(notification => notification.Id)],
        };
        return new OutboundMessage(org, this, rule, actionId, notifications, entry);
    }
}
