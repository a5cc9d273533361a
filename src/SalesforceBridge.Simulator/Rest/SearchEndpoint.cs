using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>SOSL search. Its index is the rows themselves, so what was just written is found at once.</summary>
internal sealed class SearchEndpoint(Org org)
{
    public void Map(RouteGroupBuilder api) => api.MapGet("/search", Search).Is(ApiCallKind.Search);

    private JsonReply Search(HttpContext context)
    {
        var search = SoslSearch.Parse(context.Request.Query["q"].ToString());
        var binder = new SoqlBinder(org.Schema.Objects, org.IsHidden);
        SoqlQuery[] queries = [.. search.Returning.Select(binder.Bind)];
        string root = context.Call().Root;
        return org.Read(store => JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("searchRecords");
            foreach ((Record record, SoqlQuery query) in queries.SelectMany(query => Found(search, query, store)).Take(search.Most))
                new Selection(query.Select).Write(json, record, store, root);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    // The limit of an object counts what is found of it, and not what is looked through.
    private IEnumerable<(Record Record, SoqlQuery Query)> Found(SoslSearch search, SoqlQuery query, RecordStore store) =>
        SoqlRunner.Run(query with { Limit = null, Offset = 0 }, store, withDeleted: false)
            .Where(record => search.Finds(record, org.IsHidden))
            .Skip(query.Offset)
            .Take(query.Limit ?? int.MaxValue)
            .Select(record => (record, query));
}
