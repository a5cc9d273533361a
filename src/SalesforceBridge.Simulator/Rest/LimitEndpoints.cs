using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What is left of the org's allocations.</summary>
internal sealed class LimitEndpoints(Org org, ApiGate gate)
{
    // Allocations that the simulator does not use up.
    private static readonly string[] Untouched =
    [
        "DailyAsyncApexExecutions", "DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB",
        "HourlyPublishedStandardVolumePlatformEvents", "DailyStandardVolumePlatformEvents", "DailyStreamingApiEvents",
        "DailyDurableStreamingApiEvents", "DurableStreamingApiConcurrentClients", "DailyDeliveredPlatformEvents",
        "DataStorageMB", "FileStorageMB", "SingleEmail", "MassEmail",
    ];

    private const int UntouchedMax = 50_000;
    private const int HourlyEvents = 250_000;

    public void Map(RouteGroupBuilder api) => api.MapGet("/limits", Show).Is(ApiCallKind.Limits);

    public JsonReply Show() => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        Write(json, "DailyApiRequests", org.Options.DailyApiRequests, gate.Used);
        Write(json, "HourlyPublishedPlatformEvents", HourlyEvents, org.Ledger.EventCount);
        Write(json, "StreamingApiConcurrentClients", org.Options.MaxStreamingClients, org.Sessions.Count);
        foreach (string name in Untouched)
            Write(json, name, UntouchedMax, used: 0);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string name, long max, long used)
    {
        json.WriteStartObject(name);
        json.WriteNumber("Max", max);
        json.WriteNumber("Remaining", Math.Max(0, max - used));
        json.WriteEndObject();
    }
}
