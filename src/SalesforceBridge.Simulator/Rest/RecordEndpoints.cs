using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>One record: create, read, update, delete by id; read, upsert, delete by external id; publish an event.</summary>
internal sealed class RecordEndpoints(Org org)
{
    /// <summary>Since when an upsert that updates answers with a body.</summary>
    private const int UpsertTellsSince = 46;

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
        ObjectType target = org.Schema.Require(type);
        JsonElement sent = await ReadRecordAsync(context.Request, ct);
        if (HasProperty(sent, SystemFields.Id))
            throw new ApiException(400, new ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", SystemFields.Id));
        WriteOutcome outcome = org.Write(call.Actor, transaction => transaction.Create(target, sent));
        return outcome is WriteOutcome.Refused refused ? Refuse(refused) : Created(call, target, outcome, withCreated: false);
    }

    // Files come as parts beside the fields.
    private static async Task<JsonElement> ReadRecordAsync(HttpRequest request, CancellationToken ct)
    {
        if (!MultipartForm.IsOne(request))
            return await request.ReadJsonAsync(ct);
        using MultipartForm form = await MultipartForm.ReadAsync(request, ct);
        return form.JsonWithFiles();
    }

    private JsonReply Read(HttpContext context, string type, string id)
    {
        ObjectType target = RequireRecords(type);
        string recordId = target.RequireId(id);
        return org.Read(store => Show(context, store[target].Find(recordId)));
    }

    private async Task<IResult> UpdateAsync(HttpContext context, string type, string id, CancellationToken ct)
    {
        ObjectType target = RequireRecords(type);
        if (target.FieldsByName.TryGetValue(id, out Field? key) && key.ExternalId)
            throw NoSuchKey(id);
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (HasProperty(sent, SystemFields.Id))
        {
            throw new ApiException(400, new ApiError(
                "INVALID_FIELD", "The Id field should not be specified in the sobject data.", SystemFields.Id));
        }
        string recordId = target.RequireId(id);
        return Done(org.Write(context.Call().Actor, transaction => transaction.Update(target, recordId, sent)));
    }

    private JsonReply Delete(HttpContext context, string type, string id)
    {
        ObjectType target = RequireRecords(type);
        string recordId = target.RequireId(id);
        return Done(org.Write(context.Call().Actor, transaction => transaction.Delete(target, recordId)));
    }

    private IResult ReadByKey(HttpContext context, string type, string key, string value)
    {
        ObjectType target = RequireRecords(type);
        if (target.FieldsByName.TryGetValue(value, out Field? blob) && blob.Type is FieldType.Base64)
            return ShowBlob(target, target.RequireId(key), blob);
        (Field field, object keyValue) = RequireKey(context, target, key);
        return org.Read(store => store[target].FindBy(field, keyValue) switch
        {
            [] => throw new ApiException(404, ApiError.NotFound),
            [var record] => Show(context, record),
            var several => Ambiguous(context.Call(), several),
        });
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
        ObjectType target = RequireRecords(type);
        (Field field, object value) = RequireKey(context, target, key);
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        foreach (string forbidden in new[] { SystemFields.Id, field.Name }.Where(name => HasProperty(sent, name)))
        {
            throw new ApiException(400, new ApiError(
                "INVALID_FIELD", $"The {forbidden} field should not be specified in the sobject data.", forbidden));
        }
        bool updateOnly = context.Request.Query["updateOnly"] == "true";
        return org.Write(call.Actor, transaction => Upsert(transaction, call, target, field, value, sent, updateOnly));
    }

    private static JsonReply Upsert(
        OrgTransaction transaction, ApiCall call, ObjectType type, Field key, object value, JsonElement sent, bool updateOnly)
    {
        IReadOnlyList<Record> found = transaction.Store[type].FindBy(key, value);
        if (found.Count > 1)
            return Ambiguous(call, found);
        if (found.Count == 0 && updateOnly)
            throw new ApiException(404, ApiError.NotFound);
        return transaction.Upsert(type, key, value, sent) switch
        {
            WriteOutcome.Refused refused => Refuse(refused),
            WriteOutcome.Written { Created: true } written => Created(call, type, written, withCreated: true),
            _ when call.Version < UpsertTellsSince => JsonReply.Empty(),
            WriteOutcome written => JsonReply.Of(StatusCodes.Status200OK, json => RecordJson.Write(json, written, withCreated: true)),
        };
    }

    private JsonReply DeleteByKey(HttpContext context, string type, string key)
    {
        ObjectType target = RequireRecords(type);
        (Field field, object value) = RequireKey(context, target, key);
        return org.Write(context.Call().Actor, transaction => transaction.Store[target].FindBy(field, value) switch
        {
            [] => throw new ApiException(404, ApiError.NotFound),
            [var record] => Done(transaction.Delete(target, record.Id)),
            var several => Ambiguous(context.Call(), several),
        });
    }

    // Events can be published, and that is all.
    private ObjectType RequireRecords(string type) =>
        org.Schema.Require(type) is { IsEvent: false } records ? records : throw new ApiException(404, ApiError.NotFound);

    private static (Field Key, object Value) RequireKey(HttpContext context, ObjectType type, string key)
    {
        if (!type.FieldsByName.TryGetValue(key, out Field? field) || !field.ExternalId)
            throw NoSuchKey(key);
        // Routing leaves %2F as it is, so that the value is taken from what was sent.
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string value = Uri.UnescapeDataString(target.Split('?')[0].TrimEnd('/').Split('/')[^1]);
        return (field, FieldValue.Parse(field, value) ?? throw NoSuchKey(key));
    }

    private static ApiException NoSuchKey(string key) =>
        new(404, new ApiError("NOT_FOUND", $"Provided external ID field does not exist or is not accessible: {key}"));

    private JsonReply Show(HttpContext context, Record? record)
    {
        if (record is null || record.IsDeleted)
            throw new ApiException(404, record is null ? ApiError.NotFound : ApiError.IsDeleted);
        string[] names = context.Request.Query["fields"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<Field> fields = RecordJson.Choose(org, record.Type, names);
        return JsonReply.Of(StatusCodes.Status200OK, json => RecordJson.Write(json, record, fields, context.Call().Root));
    }

    private static JsonReply Created(ApiCall call, ObjectType type, WriteOutcome outcome, bool withCreated) => JsonReply
        .Of(StatusCodes.Status201Created, json => RecordJson.Write(json, outcome, withCreated))
        .At(RecordJson.Url(type, outcome.RecordId!, call.Root));

    private static JsonReply Done(WriteOutcome outcome) => outcome is WriteOutcome.Refused refused ? Refuse(refused) : JsonReply.Empty();

    private static JsonReply Refuse(WriteOutcome.Refused refused) => JsonReply.Error(refused.Status, refused.Error);

    private static JsonReply Ambiguous(ApiCall call, IReadOnlyList<Record> records) => JsonReply.Of(StatusCodes.Status300MultipleChoices, json =>
    {
        json.WriteStartArray();
        foreach (Record record in records)
            json.WriteStringValue(RecordJson.Url(record.Type, record.Id, call.Root));
        json.WriteEndArray();
    });

    private static bool HasProperty(JsonElement sent, string name) =>
        sent.ValueKind is JsonValueKind.Object && sent.EnumerateObject().Any(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
