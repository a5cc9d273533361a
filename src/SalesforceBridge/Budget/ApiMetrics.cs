using System.Diagnostics.Metrics;

namespace SalesforceBridge.Budget;

/// <summary>The calls that this process makes, as metrics.</summary>
internal sealed class ApiMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "SalesforceBridge";

    private readonly Counter<long> _calls;
    private readonly Counter<long> _refusals;
    private readonly Gauge<long> _used;
    private readonly Gauge<long> _allowed;

    public ApiMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _calls = meter.CreateCounter<long>("bridge.api.calls", "{call}", "Calls to the org's API, by who made them.");
        _refusals = meter.CreateCounter<long>("bridge.api.refusals", "{call}", "Calls that the budget did not allow, by who wanted to make them.");
        _used = meter.CreateGauge<long>("bridge.api.budget.used", "{call}", "Calls of 24 hours that count against the budget.");
        _allowed = meter.CreateGauge<long>("bridge.api.budget.allowed", "{call}", "Calls of 24 hours that the budget allows.");
    }

    public void Made(string caller) => _calls.Add(1, Of(caller));

    public void Refused(string caller) => _refusals.Add(1, Of(caller));

    public void Told(long used, long? allowed)
    {
        _used.Record(used);
        if (allowed is { } known)
            _allowed.Record(known);
    }

    private static KeyValuePair<string, object?> Of(string caller) => new("bridge.caller", caller);
}
