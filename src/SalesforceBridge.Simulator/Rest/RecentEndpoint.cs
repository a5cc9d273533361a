using System.Globalization;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>The records that a user dealt with last. Nobody looks at pages here, so they are those that the user wrote.</summary>
internal sealed class RecentEndpoint(Org org)
{
    private const int Most = 200;

    public void Map(RouteGroupBuilder api) => api.MapGet("/recent", Show).Is(ApiCallKind.Read);

    private JsonReply Show(HttpContext context)
    {
        ApiCall call = context.Call();
        int wanted = int.TryParse(context.Request.Query["limit"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : Most;
        return org.Read(store => JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (Record record in WrittenBy(call.User, store).Take(Math.Min(wanted, Most)))
                RecordJson.Write(json, record, record.Type.Fields.Where(field => field.Name is SystemFields.Id or "Name"), call.Root);
            json.WriteEndArray();
        }));
    }

    // Times are whole seconds; of one second's the youngest comes first.
    private IEnumerable<Record> WrittenBy(User user, RecordStore store) => org.Schema.Objects.Values
        .SelectMany(type => store[type].Rows)
        .Where(record => !record.IsDeleted && record.Values.GetValueOrDefault(SystemFields.LastModifiedById) is string by && by == user.Id)
        .Where(record => record.Type.Name is not SystemObjects.User)
        .Reverse()
        .OrderByDescending(record => record.Values[SystemFields.LastModifiedDate]);
}
