using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>Hears what the metrics of one process say: counters added up, gauges as they stand, each with its caller where it has one.</summary>
internal sealed class MeasuredCalls : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _values = new();
    private readonly TestMeters _meters = new();
    private readonly MeterListener _listener = new();

    public MeasuredCalls()
    {
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == _meters)
                self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was heard of metrics whose name begins so, by name and caller.</summary>
    public IReadOnlyList<string> Of(string prefix) =>
        [.. _values.Where(value => value.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(value => $"{value.Key} = {value.Value}").Order(StringComparer.Ordinal)];

    public void Replace(IServiceCollection services) => services.AddSingleton<IMeterFactory>(_meters);

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = tags.Length == 0 ? instrument.Name : $"{instrument.Name} {{{tags[0].Key}: {tags[0].Value}}}";
        _values.AddOrUpdate(name, value, (_, sum) => instrument is Counter<long> ? sum + value : value);
    }
}
