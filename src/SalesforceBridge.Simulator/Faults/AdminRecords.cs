using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Faults;

/// <summary><c>/_admin/records</c> and <c>/_admin/events</c>: what people in the org do, for drivers in other processes. No API call is counted.</summary>
internal sealed class AdminRecords(Org org)
{
    public void Map(RouteGroupBuilder admin)
    {
        admin.MapPost("/records/{type}", (HttpRequest request, string type, CancellationToken ct) => CreateAsync(request, type, isEvent: false, ct));
        admin.MapPost("/events/{type}", (HttpRequest request, string type, CancellationToken ct) => CreateAsync(request, type, isEvent: true, ct));
        admin.MapPatch("/records/{type}/{id}", UpdateAsync);
        admin.MapDelete("/records/{type}/{id}", (HttpRequest request, string type, string id) => Answer(request, transaction => Deleted(transaction, type, id)));
    }

    // One record or a list of them; a list is one transaction.
    private async Task<IResult> CreateAsync(HttpRequest request, string type, bool isEvent, CancellationToken ct)
    {
        if (await ReadAsync(request, ct) is not { } body)
            return Wrong("The body is no JSON.");
        JsonElement[] all = body.ValueKind is JsonValueKind.Array ? [.. body.EnumerateArray()] : [body];
        return Answer(request, transaction => all.Select(fields => Created(transaction, type, isEvent, fields)).ToArray());
    }

    private async Task<IResult> UpdateAsync(HttpRequest request, string type, string id, CancellationToken ct) =>
        await ReadAsync(request, ct) is { } fields ? Answer(request, transaction => Updated(transaction, type, id, fields)) : Wrong("The body is no JSON.");

    // An event is known by its uuid.
    private string Created(OrgTransaction transaction, string type, bool isEvent, JsonElement fields)
    {
        WriteOutcome outcome = SimulatedOrg.Accepted(transaction.Create(Require(type, isEvent), fields));
        return outcome is WriteOutcome.Enqueued published ? published.Uuid : outcome.RecordId!;
    }

    private string[] Updated(OrgTransaction transaction, string type, string id, JsonElement fields)
    {
        ObjectType target = Require(type, isEvent: false);
        return [SimulatedOrg.Accepted(transaction.Update(target, target.RequireId(id), fields)).RecordId!];
    }

    private string[] Deleted(OrgTransaction transaction, string type, string id)
    {
        ObjectType target = Require(type, isEvent: false);
        return [SimulatedOrg.Accepted(transaction.Delete(target, target.RequireId(id))).RecordId!];
    }

    private ObjectType Require(string name, bool isEvent) => org.Schema.Find(name) is { } type && type.IsEvent == isEvent
        ? type
        : throw new InvalidOperationException($"The org's schema declares no {(isEvent ? "event" : "object")} '{name}'.");

    private IResult Answer(HttpRequest request, Func<OrgTransaction, string[]> change)
    {
        string name = request.Query["as"].ToString();
        User? user = name.Length == 0 ? org.Schema.Users[0] : org.Schema.FindUser(name);
        if (user is null)
            return Wrong($"The org's schema declares no user '{name}'.");
        try
        {
            return Results.Json(org.Write(new Actor(user, Call: null, Origin: ""), change));
        }
        catch (ApiException refused)
        {
            return Wrong($"The org refuses: {refused.Error.Code}: {refused.Error.Message}");
        }
        catch (InvalidOperationException refused)
        {
            return Wrong(refused.Message);
        }
    }

    private static async Task<JsonElement?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(request.Body, default, ct);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult Wrong(string why) => Results.Text(why, statusCode: StatusCodes.Status400BadRequest);
}
