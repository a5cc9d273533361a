using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>sObject Collections: up to 200 records in one call, with a result for each in the order of the request.</summary>
internal sealed class CollectionEndpoints(Org org)
{
    private const int MaxRecords = 200;
    private const int MaxReads = 2000;

    /// <summary>A request changes type at most this often (the API works through it in chunks of one type).</summary>
    private const int MaxChunks = 10;

    public void Map(RouteGroupBuilder api)
    {
        api.MapPost("/composite/sobjects", CreateAsync).Is(ApiCallKind.CollectionCreate);
        api.MapPatch("/composite/sobjects", UpdateAsync).Is(ApiCallKind.CollectionUpdate);
        api.MapDelete("/composite/sobjects", Delete).Is(ApiCallKind.CollectionDelete);
        api.MapPatch("/composite/sobjects/{type}/{key}", UpsertAsync).Is(ApiCallKind.CollectionUpsert);
        api.MapPost("/composite/sobjects/{type}", ReadAsync).Is(ApiCallKind.CollectionRead);
        api.MapGet("/composite/sobjects/{type}", ReadByQuery).Is(ApiCallKind.CollectionRead);
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken ct)
    {
        CollectionRequest request = CollectionRequest.Read(await context.Request.ReadJsonAsync(ct), MaxRecords);
        ObjectType[] types = TypesOf(request);
        return Run(context, request.AllOrNone, types.Length, withCreated: false, (transaction, index) =>
            transaction.Create(types[index], request.Records[index]));
    }

    private async Task<IResult> UpdateAsync(HttpContext context, CancellationToken ct)
    {
        CollectionRequest request = CollectionRequest.Read(await context.Request.ReadJsonAsync(ct), MaxRecords);
        ObjectType[] types = TypesOf(request);
        string?[] ids = [.. request.Records.Select(CollectionRequest.IdOf)];
        HashSet<string> twice = Repeated(ids.Select(SalesforceId.Normalise), StringComparer.Ordinal);
        return Run(context, request.AllOrNone, types.Length, withCreated: false, (transaction, index) =>
            ReadId(types[index], ids[index], twice) switch
            {
                (null, var refused) => refused!,
                (var id, _) => transaction.Update(types[index], id, request.Records[index]),
            });
    }

    private async Task<IResult> UpsertAsync(HttpContext context, string type, string key, CancellationToken ct)
    {
        CollectionRequest request = CollectionRequest.Read(await context.Request.ReadJsonAsync(ct), MaxRecords);
        ObjectType target = org.Schema.Require(type);
        if (!target.FieldsByName.TryGetValue(key, out Field? field) || !field.ExternalId)
            throw new ApiException(404, new ApiError("NOT_FOUND", $"Provided external ID field does not exist or is not accessible: {key}"));
        if (TypesOf(request).Any(each => each != target))
            throw new ApiException(400, new ApiError("INVALID_TYPE", $"Every record of this request must be of type {target.Name}"));
        object?[] values = [.. request.Records.Select(record => CollectionRequest.ValueOf(record, field))];
        HashSet<string> twice = Repeated(values.Select(value => value?.ToString()), StringComparer.OrdinalIgnoreCase);
        return Run(context, request.AllOrNone, values.Length, withCreated: true, (transaction, index) => values[index] switch
        {
            null => new WriteOutcome.Refused(new ApiError("MISSING_ARGUMENT", $"{field.Name} not specified", field.Name)),
            { } value when twice.Contains(value.ToString()!) => new WriteOutcome.Refused(
                new ApiError("DUPLICATE_VALUE", $"Duplicate external id specified: {value}", field.Name)),
            { } value => transaction.Upsert(target, field, value, request.Records[index]),
        });
    }

    private JsonReply Delete(HttpContext context)
    {
        string[] ids = context.Request.Query["ids"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        CollectionRequest.CheckCount(ids.Length, MaxRecords);
        bool allOrNone = string.Equals(context.Request.Query["allOrNone"], "true", StringComparison.OrdinalIgnoreCase);
        HashSet<string> twice = Repeated(ids.Select(SalesforceId.Normalise), StringComparer.Ordinal);
        return Run(context, allOrNone, ids.Length, withCreated: false, (transaction, index) =>
        {
            ObjectType? type = org.Schema.Objects.Values.FirstOrDefault(type => ids[index].StartsWith(type.KeyPrefix, StringComparison.Ordinal));
            if (type is null)
                return new WriteOutcome.Refused(new ApiError("MALFORMED_ID", $"malformed id {ids[index]}", SystemFields.Id));
            return ReadId(type, ids[index], twice) switch
            {
                (null, var refused) => refused!,
                (var id, _) => transaction.Delete(type, id),
            };
        });
    }

    private async Task<IResult> ReadAsync(HttpContext context, string type, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        return ReadMany(context, org.Schema.Require(type), CollectionRequest.Strings(sent, "ids"), CollectionRequest.Strings(sent, "fields"));
    }

    private JsonReply ReadByQuery(HttpContext context, string type) => ReadMany(
        context,
        org.Schema.Require(type),
        context.Request.Query["ids"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries),
        context.Request.Query["fields"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries));

    private JsonReply ReadMany(HttpContext context, ObjectType type, IReadOnlyList<string> ids, IReadOnlyList<string> names)
    {
        CollectionRequest.CheckCount(ids.Count, MaxReads);
        string root = context.Call().Root;
        IReadOnlyList<Field> fields = RecordJson.Choose(org, type, names);
        return org.Read(store => JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (string id in ids)
            {
                if (store[type].Find(SalesforceId.Normalise(id)) is { IsDeleted: false } record)
                    RecordJson.Write(json, record, fields, root);
                else
                    json.WriteNullValue();
            }
            json.WriteEndArray();
        }));
    }

    private JsonReply Run(HttpContext context, bool allOrNone, int count, bool withCreated, Func<OrgTransaction, int, WriteOutcome> write)
    {
        WriteOutcome[] outcomes = org.Write(context.Call().Actor, transaction =>
        {
            WriteOutcome[] each = [.. Enumerable.Range(0, count).Select(index => Rejection() ?? AsItem(write(transaction, index)))];
            return allOrNone && Array.Exists(each, outcome => outcome.IsRefused) ? RollBack(transaction, each) : each;
        });
        return JsonReply.Of(StatusCodes.Status200OK, json =>
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

    private static WriteOutcome[] RollBack(OrgTransaction transaction, WriteOutcome[] outcomes)
    {
        transaction.RollBack();
        var rolledBack = new WriteOutcome.Refused(
            new ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header"));
        return [.. outcomes.Select(outcome => outcome.IsRefused ? outcome : rolledBack)];
    }

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
