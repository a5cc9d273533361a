using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What can be done with one record, inside a transaction that holds it alone or among others.</summary>
internal sealed class RecordVerbs(Org org)
{
    /// <summary>Since when an upsert that updates answers with a body.</summary>
    private const int UpsertTellsSince = 46;

    public JsonReply Create(OrgTransaction transaction, ApiCall call, string type, JsonElement sent)
    {
        ObjectType target = org.Schema.Require(type);
        if (HasProperty(sent, SystemFields.Id))
            throw new ApiException(400, new ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", SystemFields.Id));
        WriteOutcome outcome = transaction.Create(target, sent);
        return outcome is WriteOutcome.Refused refused ? Refuse(refused) : Created(call, target, outcome, withCreated: false);
    }

    public JsonReply Read(RecordStore store, ApiCall call, string type, string id, string fields)
    {
        ObjectType target = RequireRecords(type);
        return Show(call, store[target].Find(target.RequireId(id)), fields);
    }

    public JsonReply Update(OrgTransaction transaction, string type, string id, JsonElement sent)
    {
        ObjectType target = RequireRecords(type);
        if (target.FieldsByName.TryGetValue(id, out Field? key) && key.ExternalId)
            throw NoSuchKey(id);
        if (HasProperty(sent, SystemFields.Id))
            throw NotInTheBody(SystemFields.Id);
        return Done(transaction.Update(target, target.RequireId(id), sent));
    }

    public JsonReply Delete(OrgTransaction transaction, string type, string id)
    {
        ObjectType target = RequireRecords(type);
        return Done(transaction.Delete(target, target.RequireId(id)));
    }

    public JsonReply ReadByKey(RecordStore store, ApiCall call, string type, string key, string value, string fields)
    {
        ObjectType target = RequireRecords(type);
        return FindByKey(store, target, key, value) switch
        {
            [] => throw new ApiException(404, ApiError.NotFound),
            [var record] => Show(call, record, fields),
            var several => Ambiguous(call, several),
        };
    }

    public JsonReply Upsert(
        OrgTransaction transaction, ApiCall call, string type, string key, string value, JsonElement sent, bool updateOnly)
    {
        ObjectType target = RequireRecords(type);
        (Field field, object wanted) = RequireKey(target, key, value);
        foreach (string forbidden in new[] { SystemFields.Id, field.Name }.Where(name => HasProperty(sent, name)))
            throw NotInTheBody(forbidden);
        IReadOnlyList<Record> found = transaction.Store[target].FindBy(field, wanted);
        if (found.Count > 1)
            return Ambiguous(call, found);
        if (found.Count == 0 && updateOnly)
            throw new ApiException(404, ApiError.NotFound);
        return transaction.Upsert(target, field, wanted, sent) switch
        {
            WriteOutcome.Refused refused => Refuse(refused),
            WriteOutcome.Written { Created: true } written => Created(call, target, written, withCreated: true),
            _ when call.Version < UpsertTellsSince => JsonReply.Empty(),
            WriteOutcome written => JsonReply.Of(StatusCodes.Status200OK, json => RecordJson.Write(json, written, withCreated: true)),
        };
    }

    public JsonReply DeleteByKey(OrgTransaction transaction, ApiCall call, string type, string key, string value)
    {
        ObjectType target = RequireRecords(type);
        return FindByKey(transaction.Store, target, key, value) switch
        {
            [] => throw new ApiException(404, ApiError.NotFound),
            [var record] => Done(transaction.Delete(target, record.Id)),
            var several => Ambiguous(call, several),
        };
    }

    // Events can be published, and that is all.
    private ObjectType RequireRecords(string type) =>
        org.Schema.Require(type) is { IsEvent: false } records ? records : throw new ApiException(404, ApiError.NotFound);

    private static IReadOnlyList<Record> FindByKey(RecordStore store, ObjectType type, string key, string value)
    {
        (Field field, object wanted) = RequireKey(type, key, value);
        return store[type].FindBy(field, wanted);
    }

    private static (Field Key, object Value) RequireKey(ObjectType type, string key, string value) =>
        type.FieldsByName.TryGetValue(key, out Field? field) && field.ExternalId
            ? (field, FieldValue.Parse(field, value) ?? throw NoSuchKey(key))
            : throw NoSuchKey(key);

    private static ApiException NoSuchKey(string key) => new(404, ApiError.NoSuchKey(key));

    private static ApiException NotInTheBody(string field) =>
        new(400, new ApiError("INVALID_FIELD", $"The {field} field should not be specified in the sobject data.", field));

    private JsonReply Show(ApiCall call, Record? record, string fields)
    {
        if (record is null || record.IsDeleted)
            throw new ApiException(404, record is null ? ApiError.NotFound : ApiError.IsDeleted);
        string[] names = fields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<Field> chosen = RecordJson.Choose(org, record.Type, names);
        return JsonReply.Of(StatusCodes.Status200OK, json => RecordJson.Write(json, record, chosen, call.Root));
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
