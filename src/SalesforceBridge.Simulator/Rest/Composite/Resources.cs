using System.Text.Json;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Finds the resource that a subrequest asks for, and lets it answer inside a transaction.</summary>
internal sealed class Resources(
    RecordVerbs records, CollectionVerbs collections, QueryEndpoints queries, SearchEndpoint search, DescribeEndpoints describes, LimitEndpoints limits)
{
    /// <summary>What can be asked for in a composite; a graph takes less.</summary>
    public static readonly ResourceKind[] OfComposites = [ResourceKind.Record, ResourceKind.Describe, ResourceKind.Query, ResourceKind.Collection];

    /// <summary>What can be asked for in a batch.</summary>
    public static readonly ResourceKind[] OfBatches = [ResourceKind.Record, ResourceKind.Describe, ResourceKind.Query, ResourceKind.Search, ResourceKind.Limits];

    /// <summary>The resource's answer, if it is of one of these kinds; a refusal undoes what the subrequest had done so far.</summary>
    public JsonReply Answer(OrgTransaction transaction, ApiCall call, Subrequest request, ResourceKind[] kinds)
    {
        TransactionPoint start = transaction.Point;
        try
        {
            var address = ResourceAddress.Parse(request.Url);
            if (!kinds.Contains(address.Kind))
                throw new ApiException(404, ApiError.NotFound);
            return Route(transaction, call with { Version = address.Version }, request, address);
        }
        catch (ApiException refused)
        {
            transaction.RollBack(start);
            return JsonReply.Error(refused.Status, refused.Error);
        }
    }

    private JsonReply Route(OrgTransaction transaction, ApiCall call, Subrequest request, ResourceAddress address) => address.Kind switch
    {
        ResourceKind.Record => Record(transaction, call, request, address),
        ResourceKind.Collection => Collection(transaction, call, request, address),
        ResourceKind.Query when request.Method == "GET" => Query(transaction.Store, call, request, address),
        ResourceKind.Describe when request.Method == "GET" =>
            address.Path is [_, var type, _] ? describes.Describe(call, type) : describes.DescribeGlobal(call),
        ResourceKind.Search when request.Method == "GET" => search.Search(transaction.Store, call, address.Parameter("q")),
        ResourceKind.Limits when request.Method == "GET" => limits.Show(),
        _ => throw NotAllowed(request),
    };

    private JsonReply Record(OrgTransaction transaction, ApiCall call, Subrequest request, ResourceAddress address)
    {
        JsonElement body = request.Body;
        string fields = address.Parameter("fields");
        return (request.Method, address.Path) switch
        {
            ("GET", [_, var type]) => describes.Summary(transaction.Store, call, type),
            ("POST", [_, var type]) => records.Create(transaction, call, type, body),
            ("POST", [_, var type, "Id"]) => records.Create(transaction, call, type, body),
            ("GET", [_, var type, var id]) => records.Read(transaction.Store, call, type, id, fields),
            ("PATCH", [_, var type, var id]) => records.Update(transaction, type, id, body),
            ("DELETE", [_, var type, var id]) => records.Delete(transaction, type, id),
            ("GET", [_, var type, var key, var value]) => records.ReadByKey(transaction.Store, call, type, key, value, fields),
            ("PATCH", [_, var type, var key, var value]) =>
                records.Upsert(transaction, call, type, key, value, body, address.Parameter("updateOnly") == "true"),
            ("DELETE", [_, var type, var key, var value]) => records.DeleteByKey(transaction, call, type, key, value),
            _ => throw NotAllowed(request),
        };
    }

    private JsonReply Collection(OrgTransaction transaction, ApiCall call, Subrequest request, ResourceAddress address) =>
        (request.Method, address.Path) switch
        {
            ("POST", [_, _]) => collections.Create(transaction, request.Body),
            ("PATCH", [_, _]) => collections.Update(transaction, request.Body),
            ("DELETE", [_, _]) => collections.Delete(transaction, address.Parameter("ids"), address.Parameter("allOrNone")),
            ("PATCH", [_, _, var type, var key]) => collections.Upsert(transaction, type, key, request.Body),
            ("POST", [_, _, var type]) => collections.Read(transaction.Store, call, type, request.Body),
            ("GET", [_, _, var type]) => collections.Read(transaction.Store, call, type, address.Parameter("ids"), address.Parameter("fields")),
            _ => throw NotAllowed(request),
        };

    private JsonReply Query(RecordStore store, ApiCall call, Subrequest request, ResourceAddress address)
    {
        string options = request.Header(QueryEndpoints.Options);
        return address.Path is [_, var locator]
            ? queries.NextPage(store, call, locator, options)
            : queries.Query(store, call, address.Parameter("q"), withDeleted: address.Path is ["queryAll"], options);
    }

    private static ApiException NotAllowed(Subrequest request) =>
        new(405, new ApiError("METHOD_NOT_ALLOWED", $"HTTP Method '{request.Method}' not allowed."));
}
