using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Composite: up to 25 requests in one call, which can speak of each other's answers, all or none if asked.</summary>
internal sealed class CompositeEndpoint(Org org, Resources resources)
{
    private const int MaxSubrequests = 25;
    private const int MaxCostly = 5;

    private static readonly string[] Family = ["tree", "batch", "sobjects", "graph"];

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/composite", List).Is(ApiCallKind.Resources);
        api.MapPost("/composite", RunAsync).Is(ApiCallKind.Composite);
    }

    private static JsonReply List(HttpContext context) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        foreach (string resource in Family)
            json.WriteString(resource, $"{context.Call().Root}/composite/{resource}");
        json.WriteEndObject();
    });

    private async Task<IResult> RunAsync(HttpContext context, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        IReadOnlyList<Subrequest> requests = SubrequestReader.ReadReferenced(sent);
        IReadOnlyList<SubrequestReply> replies = TooMuch(requests) is { } error
            ? [SubrequestReply.Refused(referenceId: null, error)]
            : Run(context.Call(), requests, SubrequestReader.Flag(sent, "allOrNone"));
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            SubrequestReply.Write(json, replies);
            json.WriteEndObject();
        });
    }

    private IReadOnlyList<SubrequestReply> Run(ApiCall call, IReadOnlyList<Subrequest> requests, bool allOrNone)
    {
        var run = new CompositeRun(org, resources, call);
        return allOrNone ? run.Together(requests) : run.Each(requests);
    }

    // An org refuses what is too much with an answer that belongs to no subrequest.
    private static ApiError? TooMuch(IReadOnlyList<Subrequest> requests)
    {
        if (requests.Count > MaxSubrequests)
            return LimitExceeded($"{MaxSubrequests} operations");
        return requests.Count(request => request.IsCostly) > MaxCostly ? LimitExceeded($"{MaxCostly} query or collection operations") : null;
    }

    private static ApiError LimitExceeded(string limit) => new("LIMIT_EXCEEDED", $"The request can’t contain more than {limit}.");
}
