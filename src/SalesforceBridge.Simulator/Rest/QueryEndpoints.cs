using System.Collections.Concurrent;
using System.Globalization;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>query, queryAll, the pages that follow, and how a query would be run.</summary>
internal sealed class QueryEndpoints(Org org)
{
    /// <summary>The header that asks for a size of page.</summary>
    public const string Options = "Sforce-Query-Options";

    private const int SmallestPage = 200;
    private const int LargestPage = 2000;

    private static readonly TimeSpan LocatorLifetime = TimeSpan.FromDays(2);

    private readonly QueryPlans _plans = new(org);
    private readonly ConcurrentDictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private long _lastCursor;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/query", (HttpContext context) => Query(context, withDeleted: false)).Is(ApiCallKind.Query);
        api.MapGet("/queryAll", (HttpContext context) => Query(context, withDeleted: true)).Is(ApiCallKind.Query);
        api.MapGet("/query/{locator}", (HttpContext context, string locator) => NextPage(context, locator)).Is(ApiCallKind.QueryMore);
        api.MapGet("/queryAll/{locator}", (HttpContext context, string locator) => NextPage(context, locator)).Is(ApiCallKind.QueryMore);
    }

    /// <param name="store">Held still by the caller.</param>
    /// <param name="call">Who asks.</param>
    /// <param name="soql">The query.</param>
    /// <param name="withDeleted">queryAll.</param>
    /// <param name="options">The value of <see cref="Options"/>.</param>
    public JsonReply Query(RecordStore store, ApiCall call, string soql, bool withDeleted, string options)
    {
        if (soql.Length == 0)
            throw new ApiException(400, new ApiError("MALFORMED_QUERY", "SOQL statements cannot be empty or null"));
        SoqlQuery query = new SoqlBinder(org.Schema.Objects, org.IsHidden).Bind(SoqlParser.Parse(soql));
        IReadOnlyList<Record> records = SoqlRunner.Run(query, store, withDeleted);
        // What groups there are is told at once.
        int size = query.Grouping is null ? PageSize(options) : LargestPage;
        return query.IsCount ? Count(records.Count) : Page(store, call, new Cursor(query, records, org.Now), new PageStart(null, 0, size));
    }

    /// <summary>The page that a locator names: a cursor, and where the page begins, 0r8…-2000.</summary>
    public JsonReply NextPage(RecordStore store, ApiCall call, string locator, string options)
    {
        string[] parts = locator.Split('-');
        if (parts.Length != 2
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int from)
            || !_cursors.TryGetValue(parts[0], out Cursor? cursor)
            || HasExpired(parts[0], cursor)
            || from > cursor.Records.Count)
        {
            throw new ApiException(400, new ApiError("INVALID_QUERY_LOCATOR", "invalid query locator"));
        }
        return Page(store, call, cursor, new PageStart(parts[0], from, PageSize(options)));
    }

    private JsonReply Query(HttpContext context, bool withDeleted) => org.Read(store => context.Request.Query["explain"] is [{ Length: > 0 } asked]
        ? _plans.Explain(store, asked)
        : Query(store, context.Call(), context.Request.Query["q"].ToString(), withDeleted, context.Request.Headers[Options].ToString()));

    private JsonReply NextPage(HttpContext context, string locator) =>
        org.Read(store => NextPage(store, context.Call(), locator, context.Request.Headers[Options].ToString()));

    private JsonReply Page(RecordStore store, ApiCall call, Cursor cursor, PageStart start)
    {
        int to = Math.Min(start.From + start.Size, cursor.Records.Count);
        bool done = to == cursor.Records.Count;
        string? next = done ? null : $"{call.Root}/query/{start.Cursor ?? Keep(cursor)}-{to}";
        var selection = new Selection(cursor.Query, new ChildPaging(start.Size, (query, children) => Keep(new Cursor(query, children, org.Now))));
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("totalSize", cursor.Records.Count);
            json.WriteBoolean("done", done);
            if (next is not null)
                json.WriteString("nextRecordsUrl", next);
            json.WriteStartArray("records");
            for (int index = start.From; index < to; index++)
                selection.Write(json, cursor.Records[index], store, call.Root);
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

    // Before its time only on demand.
    private bool HasExpired(string id, Cursor cursor)
    {
        if (cursor.OpenedAt + LocatorLifetime >= org.Now && org.Faults.Strike<Fault.ExpiredLocator>() is null)
            return false;
        _cursors.TryRemove(id, out _);
        return true;
    }

    // Sforce-Query-Options: batchSize=500 is a wish; of wide rows fewer come.
    private int PageSize(string options) =>
        org.Faults.Strike<Fault.SmallPages>() is { } small ? Math.Clamp(small.Size, 1, WishedSize(options)) : WishedSize(options);

    private static int WishedSize(string options)
    {
        string[] option = options.Split('=', StringSplitOptions.TrimEntries);
        return option is ["batchSize", var size] && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? Math.Clamp(wanted, SmallestPage, LargestPage)
            : LargestPage;
    }

    /// <param name="Cursor">The id of the cursor; nothing before it has one.</param>
    /// <param name="From">The index of the page's first record.</param>
    /// <param name="Size">How many records it may hold.</param>
    private readonly record struct PageStart(string? Cursor, int From, int Size);

    private sealed record Cursor(SoqlQuery Query, IReadOnlyList<Record> Records, DateTimeOffset OpenedAt);
}
