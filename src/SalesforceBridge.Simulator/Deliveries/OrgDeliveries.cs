using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Calls others when records have changed: one line for each rule, beside the org's own work.</summary>
internal sealed class OrgDeliveries : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Courier _courier;
    private readonly IReadOnlyList<RuleLine> _lines;
    private Task[] _running = [];
    private long _lastNotification;

    /// <exception cref="ArgumentException">The options ask for retries slower than a real org's.</exception>
    public OrgDeliveries(Org org)
    {
        if (org.Options.RetrySpeed < 1)
            throw new ArgumentException($"The retry speed is 1 or more, not {org.Options.RetrySpeed}.", nameof(org));
        _courier = new Courier(org);
        // A receiver that outlives this org must not take the next one's notifications for old ones.
        _lastNotification = org.Now.ToUnixTimeMilliseconds() * 1000;
        _lines =
        [
            .. org.Schema.Rules.OutboundMessages.Select((rule, index) => new OutboundMessageLine(org, rule, SalesforceId.Number("04k", index + 1))),
            .. org.Schema.Rules.ApexTriggers.Select(trigger => new ApexCalloutLine(org, trigger)),
        ];
    }

    public void Start() => _running = [.. _lines.Select(line => line.RunAsync(_courier, _stop.Token))];

    /// <summary>Takes note of what a committed transaction changed.</summary>
    public void Take(IReadOnlyList<RecordChange> changes, RecordStore store, User user)
    {
        foreach (RuleLine line in _lines)
            line.Take(changes, store, user);
    }

    /// <summary>Holds records against the rules that send outbound messages, as if each had just been saved unchanged.</summary>
    public void Evaluate(IEnumerable<Record> records, RecordStore store, User user)
    {
        RecordChange[] unchanged = [.. records.Select(record => new RecordChange(record, record, []))];
        foreach (OutboundMessageLine line in _lines.OfType<OutboundMessageLine>())
            line.Take(unchanged, store, user);
    }

    /// <summary>Changes where a rule sends to, for what waits too. False: there is no such rule.</summary>
    public bool Point(string rule, Uri url)
    {
        RuleLine? found = _lines.FirstOrDefault(line => line.Name == rule);
        found?.Url = url;
        return found is not null;
    }

    public string NextNotificationId() => SalesforceId.Number("04l", Interlocked.Increment(ref _lastNotification));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await StoppedAsync(_running);
        await _courier.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Waits for work that was told to stop. What else it failed of is thrown.</summary>
    public static async Task StoppedAsync(IEnumerable<Task> work)
    {
        try
        {
            await Task.WhenAll(work);
        }
        catch (OperationCanceledException)
        {
            // As told.
        }
    }
}
