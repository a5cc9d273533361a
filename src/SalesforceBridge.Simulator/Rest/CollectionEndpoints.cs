using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>sObject Collections: up to 200 records in one call, with a result for each in the order of the request.</summary>
internal sealed class CollectionEndpoints(Org org, CollectionVerbs collections)
{
    public void Map(RouteGroupBuilder api)
    {
        api.MapPost("/composite/sobjects", CreateAsync).Is(ApiCallKind.CollectionCreate);
        api.MapPatch("/composite/sobjects", UpdateAsync).Is(ApiCallKind.CollectionUpdate);
        api.MapDelete("/composite/sobjects", Delete).Is(ApiCallKind.CollectionDelete);
        api.MapPatch("/composite/sobjects/{type}/{key}", UpsertAsync).Is(ApiCallKind.CollectionUpsert);
        api.MapPost("/composite/sobjects/{type}", ReadAsync).Is(ApiCallKind.CollectionRead);
        api.MapGet("/composite/sobjects/{type}", ReadByQuery).Is(ApiCallKind.CollectionRead);
    }

    private Task<IResult> CreateAsync(HttpContext context, CancellationToken ct) =>
        WriteAsync(context, (transaction, sent) => collections.Create(transaction, sent), ct);

    private Task<IResult> UpdateAsync(HttpContext context, CancellationToken ct) =>
        WriteAsync(context, (transaction, sent) => collections.Update(transaction, sent), ct);

    private Task<IResult> UpsertAsync(HttpContext context, string type, string key, CancellationToken ct) =>
        WriteAsync(context, (transaction, sent) => collections.Upsert(transaction, type, key, sent), ct);

    private JsonReply Delete(HttpContext context)
    {
        string ids = context.Request.Query["ids"].ToString();
        string allOrNone = context.Request.Query["allOrNone"].ToString();
        return org.Write(context.Call().Actor, transaction => collections.Delete(transaction, ids, allOrNone));
    }

    private async Task<IResult> ReadAsync(HttpContext context, string type, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        return org.Read(store => collections.Read(store, context.Call(), type, sent));
    }

    private JsonReply ReadByQuery(HttpContext context, string type) => org.Read(store => collections.Read(
        store, context.Call(), type, context.Request.Query["ids"].ToString(), context.Request.Query["fields"].ToString()));

    private async Task<IResult> WriteAsync(HttpContext context, Func<OrgTransaction, JsonElement, JsonReply> write, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        return org.Write(context.Call().Actor, transaction => write(transaction, sent));
    }
}
