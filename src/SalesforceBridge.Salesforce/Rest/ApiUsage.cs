using System.Diagnostics.Metrics;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>How much of the org's daily API quota is used, as the org tells it with every answer (<c>Sforce-Limit-Info</c>).</summary>
/// <param name="Used">Calls made by everyone in the last 24 hours.</param>
/// <param name="Allowed">Calls allowed in 24 hours.</param>
public sealed record ApiUsage(long Used, long Allowed)
{
    /// <summary>Reads <c>api-usage=18/15000; per-app-api-usage=...</c>; null when it is not of that form.</summary>
    internal static ApiUsage? Parse(string header)
    {
        foreach (string part in header.Split([';', ','], StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is ["api-usage", { } usage] && usage.Split('/') is [{ } used, { } allowed]
                && long.TryParse(used, out long usedCalls) && long.TryParse(allowed, out long allowedCalls))
                return new ApiUsage(usedCalls, allowedCalls);
        }

        return null;
    }
}

/// <summary>The client's own metrics; those of its connections are .NET's <c>System.Net.Http</c>.</summary>
internal sealed class SalesforceMetrics
{
    private readonly Gauge<long> _used;
    private readonly Gauge<long> _allowed;
    private readonly Counter<long> _retries;

    public SalesforceMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(SalesforceClient.MeterName);
        _used = meter.CreateGauge<long>("salesforce.api.used", "{call}", "API calls of the last 24 hours, everyone's.");
        _allowed = meter.CreateGauge<long>("salesforce.api.allowed", "{call}", "API calls allowed in 24 hours.");
        _retries = meter.CreateCounter<long>("salesforce.api.retries", "{call}", "Calls sent again after an error.");
    }

    /// <summary>What was told last, to any of those who share this.</summary>
    public ApiUsage? Usage { get; private set; }

    public void UsageSeen(ApiUsage usage, string host)
    {
        Usage = usage;
        var org = new KeyValuePair<string, object?>("server.address", host);
        _used.Record(usage.Used, org);
        _allowed.Record(usage.Allowed, org);
    }

    public void Retried(string code) => _retries.Add(1, new KeyValuePair<string, object?>("error.type", code));
}

/// <summary>Meters for a program that has no factory of them: one for the process, as .NET's own libraries have.</summary>
internal sealed class OwnMeters : IMeterFactory
{
    private readonly Meter _meter = new(SalesforceClient.MeterName);

    public static OwnMeters Instance { get; } = new();

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose()
    {
    }
}
