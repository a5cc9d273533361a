using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>getUpdated and getDeleted: what changed in a span of time, and up to where that is all.</summary>
internal sealed class ReplicationEndpoints(Org org)
{
    private static readonly TimeSpan UpdatesReachBack = TimeSpan.FromDays(30);
    private static readonly TimeSpan DeletesReachBack = TimeSpan.FromDays(15);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sobjects/{type}/updated", Updated).Is(ApiCallKind.Updated);
        api.MapGet("/sobjects/{type}/deleted", Deleted).Is(ApiCallKind.Deleted);
    }

    private JsonReply Updated(HttpContext context, string type)
    {
        ObjectType target = RequireReplicateable(type);
        (DateTimeOffset start, DateTimeOffset end) = SpanOf(context.Request, org.Now - UpdatesReachBack);
        return org.Read(store => JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("ids");
            foreach (Record record in store[target].Rows.Where(record => !record.IsDeleted && IsWithin(record, start, end)))
                json.WriteStringValue(record.Id);
            json.WriteEndArray();
            WriteMoment(json, "latestDateCovered", CoveredUpTo(end));
            json.WriteEndObject();
        }));
    }

    private JsonReply Deleted(HttpContext context, string type)
    {
        ObjectType target = RequireReplicateable(type);
        DateTimeOffset earliest = Later(org.DeletesKnownSince, org.Now - DeletesReachBack);
        (DateTimeOffset start, DateTimeOffset end) = SpanOf(context.Request, earliest);
        return org.Read(store => JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("deletedRecords");
            foreach (Record record in store[target].Rows.Where(record => record.IsDeleted && IsWithin(record, start, end)))
            {
                json.WriteStartObject();
                WriteMoment(json, "deletedDate", StampOf(record));
                json.WriteString("id", record.Id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteMoment(json, "earliestDateAvailable", earliest);
            WriteMoment(json, "latestDateCovered", CoveredUpTo(end));
            json.WriteEndObject();
        }));
    }

    private ObjectType RequireReplicateable(string type) =>
        org.Schema.Require(type) is { IsEvent: false } target ? target : throw new ApiException(404, ApiError.NotFound);

    // The API ignores the seconds of both ends.
    private static (DateTimeOffset Start, DateTimeOffset End) SpanOf(HttpRequest request, DateTimeOffset earliest)
    {
        DateTimeOffset start = MomentOf(request, "start");
        DateTimeOffset end = MomentOf(request, "end");
        if (start < Minute(earliest))
            throw Refused("startDate before org replication enabled date");
        return end > start ? (start, end) : throw Refused("endDate should be at least one minute after startDate");
    }

    private static DateTimeOffset MomentOf(HttpRequest request, string name) => FieldValue.TryParseDateTime(request.Query[name].ToString(), out DateTimeOffset moment)
        ? Minute(moment)
        : throw new ApiException(400, new ApiError("INVALID_FIELD", $"{name} is no date and time"));

    private DateTimeOffset CoveredUpTo(DateTimeOffset end) =>
        org.OpenSince is { } open && open < end ? open : end < org.Now ? end : Minute(org.Now);

    private static bool IsWithin(Record record, DateTimeOffset start, DateTimeOffset end) => StampOf(record) >= start && StampOf(record) <= end;

    private static DateTimeOffset StampOf(Record record) => (DateTimeOffset)record.Values[SystemFields.SystemModstamp]!;

    private static DateTimeOffset Minute(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static ApiException Refused(string why) => new(400, new ApiError("INVALID_REPLICATION_DATE", why));

    private static void WriteMoment(Utf8JsonWriter json, string name, DateTimeOffset moment) =>
        json.WriteString(name, FieldValue.DateTimeText(moment, RecordJson.UtcSuffix));
}
