using System.Diagnostics.Metrics;

namespace SalesforceBridge.Messaging;

/// <summary>
/// How the logs of Heroku Connect's connections stood when they were last looked at, as metrics. One worker looks, and as long as it does
/// it measures; the others tell nothing.
/// </summary>
public sealed class HerokuConnectMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "SalesforceBridge.Messaging";

    private volatile IReadOnlyList<(HerokuConnectLogStatus Log, DateTimeOffset At)> _seen = [];

    /// <summary>Makes the instruments.</summary>
    public HerokuConnectMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        meter.CreateObservableGauge("heroku_connect.pending", () => Each<long>(seen => seen.Log.Pending), "{change}", "Changes that Heroku Connect has captured and not sent yet.");
        meter.CreateObservableGauge("heroku_connect.pending.age", () => Each<double>(AgeOf), "s", "How many seconds ago the oldest of them was captured; 0 where none waits.");
        meter.CreateObservableGauge("heroku_connect.failed", () => Each<long>(seen => seen.Log.Failed), "{change}", "Changes that stand at FAILED, in log and archive.");
        meter.CreateObservableGauge("heroku_connect.read_only", () => Each<long>(seen => seen.Log.ReadOnly), "{change}", "Changes that stand at READONLY, in the log and in the archive's last day.");
        meter.CreateObservableGauge("heroku_connect.sync.lag", () => Each<double>(seen => seen.Log.SecondsToSend), "s", "How many seconds the newest change that was sent had waited for it.");
    }

    /// <summary>Keeps how each connection's log stood at a time of the database's clock.</summary>
    internal void Seen(IEnumerable<HerokuConnectLogStatus> logs, DateTimeOffset at) => _seen = [.. logs.Where(log => log.Fault is null).Select(log => (log, at))];

    /// <summary>Measures nothing more, since nobody looks.</summary>
    internal void Forget() => _seen = [];

    private static double? AgeOf((HerokuConnectLogStatus Log, DateTimeOffset At) seen) =>
        seen.Log.PendingSince is { } since ? Math.Max(0, (seen.At - since).TotalSeconds) : 0;

    private IEnumerable<Measurement<T>> Each<T>(Func<(HerokuConnectLogStatus Log, DateTimeOffset At), T?> value)
        where T : struct
    {
        foreach ((HerokuConnectLogStatus Log, DateTimeOffset At) seen in _seen)
        {
            if (value(seen) is { } known)
                yield return new Measurement<T>(known, new KeyValuePair<string, object?>("heroku_connect.schema", seen.Log.Schema));
        }
    }
}
