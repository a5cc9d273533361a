using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>One record: create, read, update, delete by id; read, upsert, delete by external id; publish an event.</summary>
internal sealed class RecordEndpoints(Org org, RecordVerbs records)
{
    public void Map(RouteGroupBuilder api)
    {
        api.MapPost("/sobjects/{type}", CreateAsync).Is(ApiCallKind.Create);
        api.MapPost("/sobjects/{type}/Id", CreateAsync).Is(ApiCallKind.Create);
        api.MapGet("/sobjects/{type}/{id}", Read).Is(ApiCallKind.Read);
        api.MapPatch("/sobjects/{type}/{id}", UpdateAsync).Is(ApiCallKind.Update);
        api.MapDelete("/sobjects/{type}/{id}", Delete).Is(ApiCallKind.Delete);
        api.MapGet("/sobjects/{type}/{key}/{value}", ReadByKey).Is(ApiCallKind.Read);
        api.MapPatch("/sobjects/{type}/{key}/{value}", UpsertAsync).Is(ApiCallKind.Upsert);
        api.MapDelete("/sobjects/{type}/{key}/{value}", DeleteByKey).Is(ApiCallKind.Delete);
    }

    private async Task<IResult> CreateAsync(HttpContext context, string type, CancellationToken ct)
    {
        ApiCall call = context.Call();
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        return org.Write(call.Actor, transaction => records.Create(transaction, call, type, sent));
    }

    private JsonReply Read(HttpContext context, string type, string id) =>
        org.Read(store => records.Read(store, context.Call(), type, id, FieldsOf(context)));

    private async Task<IResult> UpdateAsync(HttpContext context, string type, string id, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        return org.Write(context.Call().Actor, transaction => records.Update(transaction, type, id, sent));
    }

    private JsonReply Delete(HttpContext context, string type, string id) =>
        org.Write(context.Call().Actor, transaction => records.Delete(transaction, type, id));

    private JsonReply ReadByKey(HttpContext context, string type, string key) =>
        org.Read(store => records.ReadByKey(store, context.Call(), type, key, ValueOf(context), FieldsOf(context)));

    private async Task<IResult> UpsertAsync(HttpContext context, string type, string key, CancellationToken ct)
    {
        ApiCall call = context.Call();
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        bool updateOnly = context.Request.Query["updateOnly"] == "true";
        return org.Write(call.Actor, transaction => records.Upsert(transaction, call, type, key, ValueOf(context), sent, updateOnly));
    }

    private JsonReply DeleteByKey(HttpContext context, string type, string key)
    {
        ApiCall call = context.Call();
        return org.Write(call.Actor, transaction => records.DeleteByKey(transaction, call, type, key, ValueOf(context)));
    }

    private static string FieldsOf(HttpContext context) => context.Request.Query["fields"].ToString();

    // Routing leaves %2F as it is, so that the value is taken from what was sent.
    private static string ValueOf(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return Uri.UnescapeDataString(target.Split('?')[0].TrimEnd('/').Split('/')[^1]);
    }
}
