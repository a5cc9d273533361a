using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Faults;

/// <summary><c>/_admin</c>: faults on demand and a look at the org's state, for drivers in other processes. Only from loopback.</summary>
internal sealed class AdminEndpoints(Org org)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder admin = routes.MapGroup("/_admin").AddEndpointFilter(OnlyFromLoopback);
        admin.MapGet("/faults", () => Answer(org.Faults.Active));
        admin.MapPost("/faults", AddFaultAsync);
        admin.MapDelete("/faults", ClearFaults);
        admin.MapDelete("/faults/{id:int}", (int id) => org.Faults.Remove(id) ? Results.NoContent() : Results.NotFound());
        admin.MapPost("/forget-events", ForgetEvents);
        admin.MapPost("/forget-deletes", ForgetDeletes);
        admin.MapPost("/move", Move);
        admin.MapPut("/rules/{rule}/url", PointRuleAsync);
        new AdminRecords(org).Map(admin);
        admin.MapGet("/state", State);
        admin.MapGet("/events", () => Answer(org.Ledger.Events.Select(published => new { published.Uuid, published.EventType, published.ReplayId, published.User, published.Payload })));
        admin.MapGet("/writes", () => Answer(org.Ledger.Writes));
        admin.MapGet("/calls", () => Answer(org.Ledger.Calls));
        admin.MapGet("/deliveries", () => Answer(org.Ledger.Deliveries));
    }

    private async Task<IResult> AddFaultAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            Fault? fault = await JsonSerializer.DeserializeAsync<Fault>(request.Body, Json, ct);
            return fault is null ? Results.BadRequest("The body is no fault.") : Answer(org.Faults.Add(fault));
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return Results.Text($"The body is no fault: {error.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private IResult ClearFaults()
    {
        org.Faults.Clear();
        return Results.NoContent();
    }

    private IResult ForgetEvents()
    {
        org.Bus.Forget();
        return Results.NoContent();
    }

    private IResult ForgetDeletes()
    {
        org.DeletesKnownSince = org.Now;
        return Results.NoContent();
    }

    private IResult Move()
    {
        org.Address.Move();
        org.Changed.Ring();
        return Answer(new { InstanceUrl = org.Address.Instance });
    }

    // The body is the URL as text.
    private async Task<IResult> PointRuleAsync(string rule, HttpRequest request, CancellationToken ct)
    {
        using var reader = new StreamReader(request.Body);
        if (!Uri.TryCreate(await reader.ReadToEndAsync(ct), UriKind.Absolute, out Uri? url) || !DeliveryRule.IsUrl(url))
            return Results.Text("The body is no http or https URL.", statusCode: StatusCodes.Status400BadRequest);
        return org.Deliveries.Point(rule, url) ? Results.NoContent() : Results.NotFound();
    }

    private IResult State() => Answer(new
    {
        InstanceUrl = org.Address.Instance,
        Published = org.Ledger.EventCount,
        Calls = org.Ledger.Counts,
        Deliveries = org.Ledger.Deliveries.CountBy(delivery => delivery.Status).ToDictionary(),
        Faults = org.Faults.Active,
        Sessions = org.Sessions.All.Select(session => new { session.ClientId, User = session.User.Username, session.Channels, session.StartedAt }),
    });

    private static IResult Answer(object body) => Results.Json(body, Json);

    private static ValueTask<object?> OnlyFromLoopback(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        IPAddress? caller = context.HttpContext.Connection.RemoteIpAddress;
        return caller is not null && IPAddress.IsLoopback(caller) ? next(context) : ValueTask.FromResult<object?>(Results.NotFound());
    }
}
