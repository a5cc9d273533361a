using System.Threading.Channels;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>The callouts of one trigger: one for each time that it ran.</summary>
internal sealed class ApexCalloutLine(Org org, ApexTrigger trigger) : RuleLine(trigger)
{
    /// <summary>How many records an org hands to a trigger at once.</summary>
    private const int MaxRecords = 200;

    private readonly Channel<ApexCallout> _waiting = Channel.CreateUnbounded<ApexCallout>();

    private readonly NamedCredential? _credential = trigger.Credential is { } client ? new NamedCredential(client) : null;

    public override async Task RunAsync(Courier courier, CancellationToken ct)
    {
        await foreach (ApexCallout callout in _waiting.Reader.ReadAllAsync(ct))
            await courier.SendAsync(callout, ct);
    }

    protected override bool IsSent(Operation operation) => trigger.Operations.Contains(operation);

    protected override void Enqueue(IReadOnlyList<RecordChange> changes, User user)
    {
        foreach (IGrouping<Operation, RecordChange> run in changes.GroupBy(change => change.Operation))
        {
            foreach (RecordChange[] records in run.Chunk(MaxRecords))
                _waiting.Writer.TryWrite(ToCallout(run.Key, records, user));
        }
    }

    private ApexCallout ToCallout(Operation operation, RecordChange[] records, User user)
    {
        string? key = trigger.Form is ApexForm.Queueable ? Guid.NewGuid().ToString() : null;
        var entry = new SentDelivery
        {
            Number = org.Ledger.NextDelivery(),
            Kind = DeliveryKind.ApexCallout,
            Rule = trigger.Name,
            Object = trigger.Changes.Type.Name,
            RecordIds = [.. records.Select(change => change.After.Id)],
            Keys = key is null ? [] : [key],
        };
        org.Ledger.Record(entry);
        return new ApexCallout(org, this, trigger, TriggerBody.Write(trigger.Form, operation, records, user), entry) { Credential = _credential };
    }
}
