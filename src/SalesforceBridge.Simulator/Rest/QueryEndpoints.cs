using System.Collections.Concurrent;
using System.Globalization;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>query, queryAll, and the pages that follow.</summary>
internal sealed class QueryEndpoints(Org org)
{
    private const int SmallestPage = 200;
    private const int LargestPage = 2000;

    private static readonly TimeSpan LocatorLifetime = TimeSpan.FromDays(2);

    private readonly ConcurrentDictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private long _lastCursor;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/query", (HttpContext context) => Query(context, withDeleted: false)).Is(ApiCallKind.Query);
        api.MapGet("/queryAll", (HttpContext context) => Query(context, withDeleted: true)).Is(ApiCallKind.Query);
        api.MapGet("/query/{locator}", NextPage).Is(ApiCallKind.QueryMore);
        api.MapGet("/queryAll/{locator}", NextPage).Is(ApiCallKind.QueryMore);
    }

    private JsonReply Query(HttpContext context, bool withDeleted)
    {
        string soql = context.Request.Query["q"].ToString();
        if (soql.Length == 0)
            throw new ApiException(400, new ApiError("MALFORMED_QUERY", "SOQL statements cannot be empty or null"));
        SoqlQuery query = new SoqlBinder(org.Schema.Objects, org.IsHidden).Bind(SoqlParser.Parse(soql));
        return org.Read(store =>
        {
            IReadOnlyList<Record> records = SoqlRunner.Run(query, store, withDeleted);
            return query.IsCount ? Count(records.Count) : Page(context, store, new Cursor(query, records, org.Now), from: 0, id: null);
        });
    }

    // The locator names a cursor and where the next page begins: 0r8…-2000.
    private JsonReply NextPage(HttpContext context, string locator)
    {
        string[] parts = locator.Split('-');
        if (parts.Length != 2
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int from)
            || !_cursors.TryGetValue(parts[0], out Cursor? cursor)
            || cursor.OpenedAt + LocatorLifetime < org.Now
            || from > cursor.Records.Count)
        {
            throw new ApiException(400, new ApiError("INVALID_QUERY_LOCATOR", "invalid query locator"));
        }
        return org.Read(store => Page(context, store, cursor, from, parts[0]));
    }

    private JsonReply Page(HttpContext context, RecordStore store, Cursor cursor, int from, string? id)
    {
        string root = context.Call().Root;
        int to = Math.Min(from + PageSize(context.Request), cursor.Records.Count);
        bool done = to == cursor.Records.Count;
        string? next = done ? null : $"{root}/query/{id ?? Keep(cursor)}-{to}";
        var selection = new Selection(cursor.Query.Select);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("totalSize", cursor.Records.Count);
            json.WriteBoolean("done", done);
            if (next is not null)
                json.WriteString("nextRecordsUrl", next);
            json.WriteStartArray("records");
            for (int index = from; index < to; index++)
                selection.Write(json, cursor.Records[index], store, root);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static JsonReply Count(int count) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("totalSize", count);
        json.WriteBoolean("done", true);
        json.WriteStartArray("records");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private string Keep(Cursor cursor)
    {
        foreach ((string old, Cursor kept) in _cursors)
        {
            if (kept.OpenedAt + LocatorLifetime < org.Now)
                _cursors.TryRemove(old, out _);
        }
        string id = SalesforceId.Number("0r8", Interlocked.Increment(ref _lastCursor));
        _cursors[id] = cursor;
        return id;
    }

    // Sforce-Query-Options: batchSize=500
    private static int PageSize(HttpRequest request)
    {
        string[] option = request.Headers["Sforce-Query-Options"].ToString().Split('=', StringSplitOptions.TrimEntries);
        return option is ["batchSize", var size] && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? Math.Clamp(wanted, SmallestPage, LargestPage)
            : LargestPage;
    }

    private sealed record Cursor(SoqlQuery Query, IReadOnlyList<Record> Records, DateTimeOffset OpenedAt);
}
