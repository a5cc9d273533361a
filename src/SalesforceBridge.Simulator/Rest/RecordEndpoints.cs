using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>One record: create, read, update, delete by id; read, upsert, delete by external id; publish an event.</summary>
internal sealed class RecordEndpoints(Org org, RecordVerbs records)
{
    private const long MaxBlobRequest = 500_000_000;

    public void Map(RouteGroupBuilder api)
    {
        api.MapPost("/sobjects/{type}", CreateAsync).WithMetadata(new RequestSizeLimitAttribute(MaxBlobRequest)).Is(ApiCallKind.Create);
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
        JsonElement sent = await ReadRecordAsync(context.Request, ct);
        return org.Write(call.Actor, transaction => records.Create(transaction, call, type, sent));
    }

    // Files come as parts beside the fields.
    private static async Task<JsonElement> ReadRecordAsync(HttpRequest request, CancellationToken ct)
    {
        if (!MultipartForm.IsOne(request))
            return await request.ReadJsonAsync(ct);
        using MultipartForm form = await MultipartForm.ReadAsync(request, ct);
        return form.JsonWithFiles();
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

    private IResult ReadByKey(HttpContext context, string type, string key, string value)
    {
        ObjectType target = org.Schema.Require(type);
        return target.FieldsByName.TryGetValue(value, out Field? blob) && blob.Type is FieldType.Base64
            ? ShowBlob(target, target.RequireId(key), blob)
            : org.Read(store => records.ReadByKey(store, context.Call(), type, key, ValueOf(context), FieldsOf(context)));
    }

    private IResult ShowBlob(ObjectType type, string id, Field field) => org.Read(store => store[type].Find(id)) switch
    {
        { IsDeleted: false } record when record[field] is Blob blob => Results.Bytes(blob.Content, "application/octetstream"),
        { IsDeleted: true } => throw new ApiException(404, ApiError.IsDeleted),
        _ => throw new ApiException(404, ApiError.NotFound),
    };

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
