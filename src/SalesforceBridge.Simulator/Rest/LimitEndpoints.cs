using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What is left of the org's allocations.</summary>
internal sealed class LimitEndpoints(Org org, ApiGate gate)
{
    // Allocations that the simulator does not use up.
    private static readonly string[] Untouched =
    [
        "DailyAsyncApexExecutions", "DailyBulkV2QueryFileStorageMB",
        "HourlyPublishedStandardVolumePlatformEvents", "DailyStandardVolumePlatformEvents", "DailyStreamingApiEvents",
        "DailyDurableStreamingApiEvents", "DurableStreamingApiConcurrentClients", "DailyDeliveredPlatformEvents",
        "DataStorageMB", "FileStorageMB", "SingleEmail", "MassEmail",
    ];

    private const int UntouchedMax = 50_000;
    private const int HourlyEvents = 250_000;
    private const int BulkBatches = 15_000;
    private const int BulkQueries = 10_000;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/limits", Show).Is(ApiCallKind.Limits);
        api.MapGet("/limits/recordCount", (HttpContext context) => Count(context.Request)).Is(ApiCallKind.Limits);
    }


    public JsonReply Show() => org.Faults.Strike<Fault.HiddenLimits>() is null
        ? JsonReply.Of(StatusCodes.Status200OK, Write)
        : throw new ApiException(StatusCodes.Status403Forbidden, new ApiError("INSUFFICIENT_ACCESS", "You do not have the permission View Setup and Configuration."));

    // An org counts now and then; here the numbers are those of the moment.
    private JsonReply Count(HttpRequest request)
    {
        string[] wanted = request.Query["sObjects"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return org.Read(store => JsonReply.Ok(new
        {
            sObjects = org.Schema.Objects.Values
                .Where(type => wanted.Length == 0 || wanted.Contains(type.Name, StringComparer.OrdinalIgnoreCase))
                .Select(type => new { count = store[type].Rows.Count(row => !row.IsDeleted), name = type.Name }).ToArray(),
        }));
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        Write(json, "DailyApiRequests", org.DailyApiRequests, gate.Used);
        Write(json, "HourlyPublishedPlatformEvents", HourlyEvents, org.Ledger.EventCount);
        Write(json, "StreamingApiConcurrentClients", org.Options.MaxStreamingClients, org.Sessions.Count);
        Write(json, "DailyBulkApiBatches", BulkBatches, org.Bulk.Batches);
        Write(json, "DailyBulkV2QueryJobs", BulkQueries, org.Bulk.Queries);
        foreach (string name in Untouched)
            Write(json, name, UntouchedMax, used: 0);
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, string name, long max, long used)
    {
        if (org.Faults.Strike<Fault.UsedAllocation>(fault => fault.Limit == name) is { } told)
        {
            if (told.Remaining is not { } remaining)
                return;
            used = max - remaining;
        }

        json.WriteStartObject(name);
        json.WriteNumber("Max", max);
        json.WriteNumber("Remaining", Math.Max(0, max - used));
        json.WriteEndObject();
    }
}
