using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>SOSL search. Its index is the rows themselves, so what was just written is found at once.</summary>
internal sealed class SearchEndpoint(Org org)
{
    public void Map(RouteGroupBuilder api) => api.MapGet("/search", (HttpContext context) => Search(context)).Is(ApiCallKind.Search);

    /// <param name="store">Held still by the caller.</param>
    /// <param name="call">Who asks.</param>
    /// <param name="sosl">The search.</param>
    public JsonReply Search(RecordStore store, ApiCall call, string sosl)
    {
        var search = SoslSearch.Parse(sosl);
        var binder = new SoqlBinder(org.Schema.Objects, org.IsHidden);
        SoqlQuery[] queries = [.. search.Returning.Select(binder.Bind)];
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("searchRecords");
            foreach ((Record record, SoqlQuery query) in queries.SelectMany(query => Found(search, query, store)).Take(search.Most))
                new Selection(query.Select).Write(json, record, store, call.Root);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private JsonReply Search(HttpContext context) =>
        org.Read(store => Search(store, context.Call(), context.Request.Query["q"].ToString()));

    // The limit of an object counts what is found of it, and not what is looked through.
    private IEnumerable<(Record Record, SoqlQuery Query)> Found(SoslSearch search, SoqlQuery query, RecordStore store) =>
        SoqlRunner.Run(query with { Limit = null, Offset = 0 }, store, withDeleted: false)
            .Where(record => search.Finds(record, org.IsHidden))
            .Skip(query.Offset)
            .Take(query.Limit ?? int.MaxValue)
            .Select(record => (record, query));
}
