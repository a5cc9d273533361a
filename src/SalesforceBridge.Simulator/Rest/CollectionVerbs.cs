using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What can be done with many records at once, inside a transaction that may hold more than them.</summary>
internal sealed class CollectionVerbs(Org org)
{
    private const int MaxRecords = 200;
    private const int MaxReads = 2000;

    /// <summary>A request changes type at most this often (the API works through it in chunks of one type).</summary>
    private const int MaxChunks = 10;

    public JsonReply Create(OrgTransaction transaction, JsonElement sent)
    {
        CollectionRequest request = CollectionRequest.Read(sent, MaxRecords);
        ObjectType[] types = TypesOf(request);
        return Run(transaction, request.AllOrNone, types.Length, withCreated: false, index => transaction.Create(types[index], request.Records[index]));
    }

    public JsonReply Update(OrgTransaction transaction, JsonElement sent)
    {
        CollectionRequest request = CollectionRequest.Read(sent, MaxRecords);
        ObjectType[] types = TypesOf(request);
        string?[] ids = [.. request.Records.Select(CollectionRequest.IdOf)];
        HashSet<string> twice = Repeated(ids.Select(SalesforceId.Normalise), StringComparer.Ordinal);
        return Run(transaction, request.AllOrNone, types.Length, withCreated: false, index =>
            ReadId(types[index], ids[index], twice) switch
            {
                (null, var refused) => refused!,
                (var id, _) => transaction.Update(types[index], id, request.Records[index]),
            });
    }

    public JsonReply Upsert(OrgTransaction transaction, string type, string key, JsonElement sent)
    {
        CollectionRequest request = CollectionRequest.Read(sent, MaxRecords);
        ObjectType target = org.Schema.Require(type);
        if (!target.FieldsByName.TryGetValue(key, out Field? field) || !field.ExternalId)
            throw new ApiException(404, ApiError.NoSuchKey(key));
        if (TypesOf(request).Any(each => each != target))
            throw new ApiException(400, new ApiError("INVALID_TYPE", $"Every record of this request must be of type {target.Name}"));
        object?[] values = [.. request.Records.Select(record => CollectionRequest.ValueOf(record, field))];
        HashSet<string> twice = Repeated(values.Select(value => value?.ToString()), StringComparer.OrdinalIgnoreCase);
        return Run(transaction, request.AllOrNone, values.Length, withCreated: true, index => values[index] switch
        {
            null => new WriteOutcome.Refused(new ApiError("MISSING_ARGUMENT", $"{field.Name} not specified", field.Name)),
            { } value when twice.Contains(value.ToString()!) => new WriteOutcome.Refused(
                new ApiError("DUPLICATE_VALUE", $"Duplicate external id specified: {value}", field.Name)),
            { } value => transaction.Upsert(target, field, value, request.Records[index]),
        });
    }

    public JsonReply Delete(OrgTransaction transaction, string ids, string allOrNone)
    {
        string[] each = ids.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        CollectionRequest.CheckCount(each.Length, MaxRecords);
        HashSet<string> twice = Repeated(each.Select(SalesforceId.Normalise), StringComparer.Ordinal);
        bool all = allOrNone.Equals("true", StringComparison.OrdinalIgnoreCase);
        return Run(transaction, all, each.Length, withCreated: false, index =>
        {
            ObjectType? type = org.Schema.Objects.Values.FirstOrDefault(type => each[index].StartsWith(type.KeyPrefix, StringComparison.Ordinal));
            if (type is null)
                return new WriteOutcome.Refused(new ApiError("MALFORMED_ID", $"malformed id {each[index]}", SystemFields.Id));
            return ReadId(type, each[index], twice) switch
            {
                (null, var refused) => refused!,
                (var id, _) => transaction.Delete(type, id),
            };
        });
    }

    public JsonReply Read(RecordStore store, ApiCall call, string type, JsonElement sent) =>
        Read(store, call, org.Schema.Require(type), CollectionRequest.Strings(sent, "ids"), CollectionRequest.Strings(sent, "fields"));

    public JsonReply Read(RecordStore store, ApiCall call, string type, string ids, string fields) => Read(
        store, call, org.Schema.Require(type), ids.Split(',', StringSplitOptions.RemoveEmptyEntries), fields.Split(',', StringSplitOptions.RemoveEmptyEntries));

    private JsonReply Read(RecordStore store, ApiCall call, ObjectType type, IReadOnlyList<string> ids, IReadOnlyList<string> names)
    {
        CollectionRequest.CheckCount(ids.Count, MaxReads);
        IReadOnlyList<Field> fields = RecordJson.Choose(org, type, names);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (string id in ids)
            {
                if (store[type].Find(SalesforceId.Normalise(id)) is { IsDeleted: false } record)
                    RecordJson.Write(json, record, fields, call.Root);
                else
                    json.WriteNullValue();
            }
            json.WriteEndArray();
        });
    }

    private JsonReply Run(OrgTransaction transaction, bool allOrNone, int count, bool withCreated, Func<int, WriteOutcome> write)
    {
        TransactionPoint start = transaction.Point;
        WriteOutcome[] outcomes = [.. Enumerable.Range(0, count).Select(index => Rejection() ?? AsItem(write(index)))];
        bool isRefused = Array.Exists(outcomes, outcome => outcome.IsRefused);
        if (isRefused && (allOrNone || transaction.IsAllOrNone))
        {
            transaction.RollBack(start);
            var rolledBack = new WriteOutcome.Refused(ApiError.RolledBack);
            outcomes = [.. outcomes.Select(outcome => outcome.IsRefused ? outcome : rolledBack)];
        }
        return JsonReply.Of(StatusCodes.Status200OK, isRefused, json =>
        {
            json.WriteStartArray();
            foreach (WriteOutcome outcome in outcomes)
                RecordJson.Write(json, outcome, withCreated);
            json.WriteEndArray();
        });
    }

    private WriteOutcome.Refused? Rejection() => org.Faults.Strike<Fault.RejectedItem>() is { } fault
        ? new WriteOutcome.Refused(new ApiError(fault.StatusCode, fault.Message))
        : null;

    // What is 404 for a record alone has another code among others.
    private static WriteOutcome AsItem(WriteOutcome outcome) => outcome is WriteOutcome.Refused { Error: var error } && error == ApiError.NotFound
        ? new WriteOutcome.Refused(new ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
        : outcome;

    private static (string? Id, WriteOutcome.Refused? Refused) ReadId(ObjectType type, string? sent, HashSet<string> twice)
    {
        if (string.IsNullOrEmpty(sent))
            return (null, new WriteOutcome.Refused(new ApiError("MISSING_ARGUMENT", "Id not specified in an update call", SystemFields.Id)));
        if (SalesforceId.Normalise(sent) is not { } id || !id.StartsWith(type.KeyPrefix, StringComparison.Ordinal))
            return (null, new WriteOutcome.Refused(new ApiError("MALFORMED_ID", $"{type.Label} ID: id value of incorrect type: {sent}", SystemFields.Id)));
        return twice.Contains(id)
            ? (null, new WriteOutcome.Refused(new ApiError("DUPLICATE_VALUE", $"Duplicate id specified: {id}", SystemFields.Id)))
            : (id, null);
    }

    // What a request names more than once is refused every time it is named.
    private static HashSet<string> Repeated(IEnumerable<string?> keys, StringComparer comparer) =>
        keys.OfType<string>().GroupBy(key => key, comparer).Where(group => group.Skip(1).Any()).Select(group => group.Key).ToHashSet(comparer);

    private ObjectType[] TypesOf(CollectionRequest request)
    {
        ObjectType[] types = [.. request.Records.Select(record =>
        {
            string name = CollectionRequest.TypeOf(record);
            return org.Schema.Find(name) ?? throw new ApiException(400, new ApiError("INVALID_TYPE", $"sObject type '{name}' is not supported."));
        })];
        int chunks = types.Where((type, index) => index == 0 || types[index - 1] != type).Count();
        return chunks <= MaxChunks
            ? types
            : throw new ApiException(400, new ApiError("LIMIT_EXCEEDED", $"The request has {chunks} chunks of one type; {MaxChunks} are allowed"));
    }
}
